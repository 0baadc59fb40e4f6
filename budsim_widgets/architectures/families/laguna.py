"""Laguna: gated attention whose number of heads may differ from layer to layer, and experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, window_of
from budsim_widgets.architectures.blocks.moe_decoder import experts_of_config
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("laguna", "LagunaForCausalLM")
def laguna(c: Config) -> Module:
    """Gated attention whose number of heads may differ from layer to layer; the first layer is dense."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers

    def layer(layer_type: str, mlp_type: str, num_attention_heads: int) -> Module:
        gate_width = num_attention_heads if c.gating in {True, "per-head"} else num_attention_heads * c.head_dim
        self_attn = attention(
            hidden_size,
            num_attention_heads,
            c.num_key_value_heads,
            c.head_dim,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            q_norm=rms_norm(c.head_dim),
            k_norm=rms_norm(c.head_dim),
            g_proj=linear(hidden_size, gate_width),
        )
        sparse = module(
            experts=experts_of_config(c),
            gate=module(weight=Weight((c.num_experts, hidden_size)), e_score_correction_bias=Weight((c.num_experts,))),
            shared_experts=gated_mlp(hidden_size, c.shared_expert_intermediate_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if mlp_type == "sparse" else gated_mlp(hidden_size, c.intermediate_size)
        )

    mlp_types = c.get("mlp_layer_types", ["dense"] + ["sparse"] * (count - 1))
    num_attention_heads_per_layer = c.get("num_attention_heads_per_layer", [c.num_attention_heads] * count)
    return causal_lm(
        c,
        stack(zip(layer_types(c), mlp_types, num_attention_heads_per_layer, strict=True), layer),
        norm=rms_norm(hidden_size),
    )
