"""Qwen3-VL, dense or with experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp
from budsim_widgets.architectures.blocks.qwen import qwen3_moe_text_decoder, qwen3_text_layer
from budsim_widgets.architectures.blocks.qwen_vision import qwen3_vision_tower
from budsim_widgets.architectures.blocks.vision import headless_decoder, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen3_vl", "Qwen3VLForConditionalGeneration", kind="multimodal")
@family("qwen3_vl_moe", "Qwen3VLMoeForConditionalGeneration", kind="multimodal")
def qwen3_vl(c: Config) -> Module:
    """The top level alone decides whether the head is tied."""
    return multimodal_model(c, tied=is_tied_at_top(c), visual=part_of(c.vision_config))


@family("qwen3_vl_text", "Qwen3VLTextModel")
def qwen3_vl_text(c: Config) -> Module:
    """Qwen 3 without windows."""
    return headless_decoder(
        c, repeat(c.num_hidden_layers, qwen3_text_layer(c, gated_mlp(c.hidden_size, c.intermediate_size)))
    )


@family("qwen3_vl_moe_text", "Qwen3VLMoeTextModel")
def qwen3_vl_moe_text(c: Config) -> Module:
    """Qwen 3 with experts."""
    return qwen3_moe_text_decoder(c)


@family("qwen3_vl_vision", "Qwen3VLVisionModel")
@family("qwen3_vl_moe_vision", "Qwen3VLMoeVisionModel")
def qwen3_vl_vision(c: Config) -> Module:
    """With a merger for each layer whose vectors go into the text's first layers."""
    return qwen3_vision_tower(c)
