"""Ministral, the first and 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("ministral", "MinistralForCausalLM")
def ministral(c: Config) -> Module:
    """Where a window is set, it holds for all layers unless `layer_types` says otherwise."""
    kind = "sliding_attention" if "sliding_window" in c else "full_attention"

    def layer(layer_type: str) -> Module:
        feed_forward = gated_mlp(c.hidden_size, c.intermediate_size)
        return pre_norm_layer(c.hidden_size, self_attention(c, window=window_of(c, layer_type)), feed_forward)

    kinds = c.get("layer_types", [kind] * c.num_hidden_layers)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(c.hidden_size))


@family("ministral3", "Ministral3ForCausalLM")
def ministral3(c: Config) -> Module:
    """No bias; the window, where set, holds for all layers."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size)
    return uniform_decoder(
        c, pre_norm_layer(c.hidden_size, self_attention(c, window=c.get("sliding_window")), feed_forward)
    )
