"""The vision tower of GLM 5.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.glm_vision import glm_vision_tower
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("glm5_next_vision", "Glm5NextVisionModel")
def glm5_next_vision(c: Config) -> Module:
    """GLM-OCR's with a merger of another intermediate size."""
    return glm_vision_tower(c)
