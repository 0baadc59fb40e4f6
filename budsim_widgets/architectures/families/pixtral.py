"""Pixtral's vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import height_and_width, hidden_size_per_head
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("pixtral", "PixtralVisionModel")
def pixtral(c: Config) -> Module:
    """Rotary positions in two directions, RMS norms, a gated feed-forward block, no biases."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        attention_norm=rms_norm(hidden_size),
        feed_forward=gated_mlp(hidden_size, c.intermediate_size),
        attention=attention(
            hidden_size, num_attention_heads, num_attention_heads, hidden_size_per_head(c), cached=False
        ),
        ffn_norm=rms_norm(hidden_size),
    )
    return module(
        patch_conv=conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"), bias=False),
        ln_pre=rms_norm(hidden_size),
        transformer=module(layers=repeat(c.num_hidden_layers, layer)),
    )
