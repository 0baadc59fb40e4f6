"""Segment Anything's vision tower, as DeepSeek-VL's config names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.sam import sam_encoder
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("sam_vision_model", "SamVisionModel")
def sam_vision(c: Config) -> Module:
    """The same, one level down."""
    return module(vision_encoder=sam_encoder(c))
