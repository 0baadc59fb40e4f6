"""LightOnOCR: Pixtral's tower, and Qwen 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.pixtral import merging_projector
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("lighton_ocr", "LightOnOcrForConditionalGeneration", kind="multimodal")
def lighton_ocr(c: Config) -> Module:
    """The same with Qwen 3 as its language model, under other names."""
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        vision_encoder=part_of(c.vision_config),
        vision_projection=merging_projector(c, num_layers=1, bias=False),
    )
