"""Bamba: Mamba-2, and attention in some layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp
from budsim_widgets.architectures.blocks.mamba import hybrid_attention, hybrid_decoder, hybrid_layer, mamba2_of_config
from budsim_widgets.architectures.parts import stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("bamba", "BambaForCausalLM")
def bamba(c: Config) -> Module:
    """The layers of `attn_layer_indices` attend, the others are Mamba-2."""
    mamba_intermediate_size = c.get("mamba_expand", 2) * c.hidden_size

    def layer(has_attention: bool) -> Module:  # noqa: FBT001 - one value a layer
        part = (
            {"self_attn": hybrid_attention(c)}
            if has_attention
            else {"mamba": mamba2_of_config(c, mamba_intermediate_size, out_bias=c.mamba_proj_bias)}
        )
        return hybrid_layer(c, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias), **part)

    attention_layers = set(c.get("attn_layer_indices", ()))
    return hybrid_decoder(c, stack([index in attention_layers for index in range(c.num_hidden_layers)], layer))
