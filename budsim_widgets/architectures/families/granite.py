"""IBM's Granite: Llama, or with windows and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Weight, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("granite", "GraniteForCausalLM")
def granite(c: Config) -> Module:
    """Llama with scaled residuals."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    layer = pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias), feed_forward)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("granite_swa", "GraniteSWAForCausalLM")
def granite_swa(c: Config) -> Module:
    """The first of every four layers is full; attention sinks."""
    default = ["sliding_attention" if index % 4 else "full_attention" for index in range(c.num_hidden_layers)]

    def layer(layer_type: str) -> Module:
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            more={"sinks": Weight((c.num_attention_heads,))},
        )
        return pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))
