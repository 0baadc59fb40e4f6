"""LLaVA and its successors: a vision tower, two linear layers, a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm
from budsim_widgets.architectures.blocks.vision import (
    is_tied_at_either,
    is_tied_at_top,
    multimodal_model,
    num_feature_layers,
    two_layer_projector,
)
from budsim_widgets.architectures.parts import Module, Weight, module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("llava", "LlavaForConditionalGeneration", kind="multimodal")
def llava(c: Config) -> Module:
    """The tower is CLIP's by default, Pixtral's in Pixtral."""
    return multimodal_model(
        c, tied=is_tied_at_either(c), vision_tower=part_of(c.vision_config), multi_modal_projector=_projector(c)
    )


@family("llava_next", "LlavaNextForConditionalGeneration", kind="multimodal")
@family("llava_next_video", "LlavaNextVideoForConditionalGeneration", kind="multimodal")
@family("llava_onevision", "LlavaOnevisionForConditionalGeneration", kind="multimodal")
def llava_next(c: Config) -> Module:
    """A learned vector ends each row of patches; videos may be pooled by a convolution."""
    return multimodal_model(
        c,
        tied=is_tied_at_top(c) if c.model_type == "llava_next" else is_tied_at_either(c),
        image_newline=Weight((c.text_config.hidden_size,)),
        vision_tower=part_of(c.vision_config),
        multi_modal_projector=_projector(c),
        vision_resampler=_resampler(c),
    )


@family("vipllava", "VipLlavaForConditionalGeneration", kind="multimodal")
def vipllava(c: Config) -> Module:
    """LLaVA that joins the vectors of several layers of the tower, behind a norm."""
    joined = c.vision_config.hidden_size * num_feature_layers(c)
    projector = two_layer_projector(joined, c.text_config.hidden_size, projector_layernorm=layer_norm(joined))
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("video_llava", "VideoLlavaForConditionalGeneration", kind="multimodal")
def video_llava(c: Config) -> Module:
    """One tower for pictures, another of the same kind for videos."""
    tower = part_of(c.vision_config)
    return multimodal_model(
        c, tied=is_tied_at_top(c), video_tower=tower, image_tower=tower, multi_modal_projector=_projector(c)
    )


def _projector(c: Config) -> Module:
    joined = c.vision_config.hidden_size * num_feature_layers(c)
    return two_layer_projector(joined, c.text_config.hidden_size, bias=c.get("multimodal_projector_bias", True))


def _resampler(c: Config) -> Module | None:
    if c.model_type != "llava_next_video" or c.get("spatial_pool_mode") != "conv":
        return None
    vision_hidden_size, stride = c.vision_config.hidden_size, c.get("spatial_pool_stride", 2)
    return module(pool=conv(c.get("spatial_pool_out_channels", vision_hidden_size), vision_hidden_size, stride, stride))
