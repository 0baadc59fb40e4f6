"""CLIP's vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.clip import clip_tower
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("clip_vision_model", "CLIPVisionModel")
def clip_vision(c: Config) -> Module:
    """A vector for the whole picture, and learned positions."""
    return clip_tower(c)
