"""Meta's Code World Model: Llama with windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("cwm", "CwmForCausalLM")
def cwm(c: Config) -> Module:
    """The first of every four layers is full."""
    default = ["sliding_attention" if index % 4 else "full_attention" for index in range(c.num_hidden_layers)]

    def layer(layer_type: str) -> Module:
        feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
        return pre_norm_layer(c.hidden_size, self_attention(c, window=window_of(c, layer_type)), feed_forward)

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))
