"""Flint: attention sinks, windows and experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.moe_decoder import experts_of_config
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("flint", "FlintForCausalLM")
def flint(c: Config) -> Module:
    """Attention sinks; the first two layers, every fourth and the last one are full, the first two dense."""
    hidden_size, last = c.hidden_size, c.num_hidden_layers - 1

    def layer(layer_type: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
            more={"sinks": Weight((c.num_attention_heads,))},
        )
        sparse = module(
            experts=experts_of_config(c),
            gate=router(c.num_experts, hidden_size),
            shared_expert=gated_mlp(hidden_size, c.shared_expert_intermediate_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        )

    full = [
        "full_attention" if index < 2 or index % 4 == 1 or index == last else "sliding_attention"  # noqa: PLR2004
        for index in range(last + 1)
    ]
    dense = c.get("mlp_only_layers", [0, 1])
    is_sparse = [
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(last + 1)
    ]
    return causal_lm(
        c, stack(zip(c.get("layer_types", full), is_sparse, strict=True), layer), norm=rms_norm(hidden_size)
    )
