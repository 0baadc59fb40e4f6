"""FastVLM: FastViT before Qwen 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.vision import is_tied_at_either, multimodal_model, two_layer_projector
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from typing import Final

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_FASTVIT_HIDDEN_SIZE: Final = 3072
"""Of `fastvit_mci3`, where the config doesn't say it."""


@family("fast_vlm", "FastVlmForConditionalGeneration", kind="multimodal")
def fast_vlm(c: Config) -> Module:
    """Either level of the config ties the head."""
    vision_hidden_size = c.vision_config.get("hidden_size", _FASTVIT_HIDDEN_SIZE)
    bias = c.get("multimodal_projector_bias", True)
    projector = two_layer_projector(vision_hidden_size, c.text_config.hidden_size, bias=bias)
    return multimodal_model(
        c, tied=is_tied_at_either(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )
