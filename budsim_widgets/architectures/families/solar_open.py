"""Upstage's Solar Open: experts in every layer, and shared ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("solar_open", "SolarOpenForCausalLM")
def solar_open(c: Config) -> Module:
    """Experts in every layer, and shared ones."""
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    feed_forward = module(
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        gate=router(c.n_routed_experts, hidden_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts),
    )
    layer = pre_norm_layer(hidden_size, self_attention(c, bias=c.attention_bias, out_bias=False), feed_forward)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))
