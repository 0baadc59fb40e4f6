"""What the models with Pixtral's vision tower share: a projector that merges neighbouring patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear, rms_norm
from budsim_widgets.architectures.blocks.vision import (
    is_tied_at_top,
    multimodal_model,
    num_feature_layers,
    two_layer_projector,
)
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def merging_projector(c: Config, *, num_layers: int, bias: bool) -> Module:
    """Neighbouring patches become one vector; two linear layers take it to the text's hidden size.

    Args:
        c: The config: `vision_config`, `text_config`, `spatial_merge_size`.
        num_layers: Layers of the tower whose vectors are joined.
        bias: Whether the linear layers have biases.
    """
    vision_hidden_size = c.vision_config.hidden_size
    return two_layer_projector(
        vision_hidden_size * num_layers,
        c.text_config.hidden_size,
        bias=bias,
        norm=rms_norm(vision_hidden_size),
        patch_merger=module(merging_layer=linear(vision_hidden_size * c.spatial_merge_size**2, vision_hidden_size)),
    )


def model_with_pixtral(c: Config) -> Module:
    """Mistral's frame: the tower, its merged patches, and a language model; the top level ties the head."""
    bias = c.get("multimodal_projector_bias", False)
    projector = merging_projector(c, num_layers=num_feature_layers(c), bias=bias)
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )
