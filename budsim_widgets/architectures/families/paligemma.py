"""PaliGemma: SigLIP, one linear layer, and a Gemma."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("paligemma", "PaliGemmaForConditionalGeneration", kind="multimodal")
def paligemma(c: Config) -> Module:
    """One linear layer, as wide as the top level's `projection_dim`."""
    projector = module(linear=linear(c.vision_config.hidden_size, c.projection_dim, bias=True))
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )
