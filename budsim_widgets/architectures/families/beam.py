"""Beam: gated attention, four norms, windows and experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.moe_decoder import experts_of_config
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("beam", "BeamForCausalLM")
def beam(c: Config) -> Module:
    """Gated attention, four norms; every sixth layer and the last one are full, the first three dense."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers

    def layer(layer_type: str, mlp_type: str) -> Module:
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
            more={
                "gate_proj": linear(hidden_size, c.num_attention_heads * c.head_dim),
                "gate_bias": Weight((c.num_attention_heads,), "bias"),
            },
        )
        sparse = module(experts=experts_of_config(c), gate=router(c.num_experts, hidden_size))
        return pre_norm_layer(
            hidden_size,
            self_attn,
            sparse if mlp_type == "sparse" else gated_mlp(hidden_size, c.intermediate_size),
            pre_feedforward_layernorm=rms_norm(hidden_size),
            post_feedforward_layernorm=rms_norm(hidden_size),
        )

    default = [*layer_types(c, full_every=6)[:-1], "full_attention"]
    mlp_types = c.get("mlp_layer_types", (["dense"] * 3 + ["sparse"] * count)[:count])
    kinds = zip(c.get("layer_types", default), mlp_types, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))
