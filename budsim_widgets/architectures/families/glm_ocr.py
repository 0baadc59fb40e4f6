"""GLM-OCR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.glm_vision import glm4_text_decoder, glm_vision_tower
from budsim_widgets.architectures.blocks.vision import is_tied_at_either, multimodal_model
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("glm_ocr", "GlmOcrForConditionalGeneration", kind="multimodal")
def glm_ocr(c: Config) -> Module:
    """Either level of the config ties the head."""
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config))


@family("glm_ocr_text", "GlmOcrTextModel")
def glm_ocr_text(c: Config) -> Module:
    """GLM 4 without biases."""
    return glm4_text_decoder(c)


@family("glm_ocr_vision", "GlmOcrVisionModel")
def glm_ocr_vision(c: Config) -> Module:
    """Rotary positions alone, normed queries and keys."""
    return glm_vision_tower(c)
