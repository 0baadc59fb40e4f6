"""gpt-oss: biased attention with sinks, windows on every other layer, experts with biases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gpt_oss", "GptOssForCausalLM")
def gpt_oss(c: Config) -> Module:
    """Every second layer is full; a sink is one number a head."""
    hidden_size = c.hidden_size

    def layer(layer_type: str) -> Module:
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            more={"sinks": Weight((c.num_attention_heads,))},
        )
        return pre_norm_layer(
            hidden_size,
            self_attn,
            module(router=router(c.num_local_experts, hidden_size, bias=True), experts=_experts(c)),
        )

    return causal_lm(c, stack(layer_types(c, full_every=2), layer), norm=rms_norm(hidden_size))


def _experts(c: Config) -> Module:
    """Stored as [experts, in, out], unlike other families'."""
    count, hidden_size, intermediate_size = c.num_local_experts, c.hidden_size, c.intermediate_size
    return module(
        gate_up_proj=Weight((count, hidden_size, 2 * intermediate_size), "experts"),
        gate_up_proj_bias=Weight((count, 2 * intermediate_size), "bias"),
        down_proj=Weight((count, intermediate_size, hidden_size), "experts"),
        down_proj_bias=Weight((count, hidden_size), "bias"),
        active_share=(min(c.num_experts_per_tok, count), count),
    )
