"""JetBrains' Mellum: experts, in all layers unless listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mellum", "MellumForCausalLM")
def mellum(c: Config) -> Module:
    """`mlp_layer_types` says which layers are sparse: by default all."""
    hidden_size = c.hidden_size

    def layer(layer_type: str, mlp_type: str) -> Module:
        self_attn = self_attention(
            c, bias=c.attention_bias, window=window_of(c, layer_type), qk_norm=rms_norm(c.head_dim)
        )
        sparse = module(
            experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, c.moe_intermediate_size),
            gate=router(c.num_experts, hidden_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if mlp_type == "sparse" else gated_mlp(hidden_size, c.intermediate_size)
        )

    mlp_types = c.get("mlp_layer_types", ["sparse"] * c.num_hidden_layers)
    return causal_lm(c, stack(zip(layer_types(c), mlp_types, strict=True), layer), norm=rms_norm(hidden_size))
