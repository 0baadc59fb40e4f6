"""SmolLM 3: Llama with layers without positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("smollm3", "SmolLM3ForCausalLM")
def smollm3(c: Config) -> Module:
    """With `use_sliding_window`, the layers without rotary positions (every fourth) have a window."""
    count, interval = c.num_hidden_layers, c.no_rope_layer_interval
    rotary = c.get("no_rope_layers", [int((index + 1) % interval != 0) for index in range(count)])
    windowed = c.get("use_sliding_window", False) and "sliding_window" in c
    default = ["sliding_attention" if windowed and not has_rope else "full_attention" for has_rope in rotary]

    def layer(layer_type: str) -> Module:
        window = window_of(c, layer_type) if windowed else None
        feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
        return pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias, window=window), feed_forward)

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))
