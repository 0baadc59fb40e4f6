"""Inkling 2, and its tower of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.inkling import inkling_layer_types
from budsim_widgets.architectures.blocks.inkling2 import check_widths, inkling2_layer, inkling2_model, padded_head_notes
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.vision import multimodal_model, scaled_vit_layer, side_of
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("inkling2_text", "Inkling2ForCausalLM", notes=padded_head_notes)
def inkling2_text(c: Config) -> Module:
    """Of six layers, five have a window, and heads of their own."""

    def layer(kind: str, is_first: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        return inkling2_layer(c, kind, is_first=is_first)

    places = ((kind, index == 0) for index, kind in enumerate(inkling_layer_types(c)))
    return inkling2_model(c, stack(places, layer))


@family("inkling2", "Inkling2ForConditionalGeneration", kind="multimodal", notes=padded_head_notes)
def inkling2(c: Config) -> Module:
    """The tower itself takes its vectors to the text's hidden size."""
    check_widths(c)
    head = part_of(c.text_config, "lm_head")
    return multimodal_model(c, tied=False, own_head=head, vision_tower=part_of(c.vision_config))


@family("inkling2_vision", "Inkling2VisionModel")
def inkling2_vision(c: Config) -> Module:
    """Both blocks of a layer are scaled; each picture starts with a vector of its own."""
    hidden_size = c.hidden_size
    layer = scaled_vit_layer(c, c.get("intermediate_size", int(hidden_size * c.mlp_ratio)))
    return module(
        embeddings=module(
            class_embedding=Weight((hidden_size,)),
            cls_position_embedding=Weight((hidden_size,)),
            patch_embedding=linear(c.num_channels * side_of(c.patch_size, "patch_size") ** 2, hidden_size),
            position_embedding=embedding(c.posemb_grid_size**2, hidden_size),
        ),
        pre_layernorm=layer_norm(hidden_size),
        layers=repeat(c.num_hidden_layers, layer),
        merger=module(
            linear_1=linear(c.spatial_merge_size**2 * hidden_size, c.projection_hidden_dim, bias=c.projector_bias),
            linear_2=linear(c.projection_hidden_dim, c.text_hidden_size, bias=c.projector_bias),
        ),
    )
