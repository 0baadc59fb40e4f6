"""Pixtral's vision tower, and those that merge its patches: Mistral Small 3.1 and LightOnOCR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.vision import (
    height_and_width,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
    num_feature_layers,
    two_layer_projector,
)
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("pixtral", "PixtralVisionModel")
def pixtral(c: Config) -> Module:
    """Rotary positions in two directions, RMS norms, a gated feed-forward block, no biases."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        attention_norm=rms_norm(hidden_size),
        feed_forward=gated_mlp(hidden_size, c.intermediate_size),
        attention=attention(
            hidden_size, num_attention_heads, num_attention_heads, hidden_size_per_head(c), cached=False
        ),
        ffn_norm=rms_norm(hidden_size),
    )
    return module(
        patch_conv=conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"), bias=False),
        ln_pre=rms_norm(hidden_size),
        transformer=module(layers=repeat(c.num_hidden_layers, layer)),
    )


@family("mistral_large4", "MistralLarge4ForConditionalGeneration", kind="multimodal")
@family("mistral3", "Mistral3ForConditionalGeneration", kind="multimodal")
def mistral3(c: Config) -> Module:
    """Neighbouring patches are merged before the two linear layers."""
    projector = _merging_projector(c, num_layers=num_feature_layers(c), bias=c.get("multimodal_projector_bias", False))
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("lighton_ocr", "LightOnOcrForConditionalGeneration", kind="multimodal")
def lighton_ocr(c: Config) -> Module:
    """The same with Qwen 3 as its language model, under other names."""
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        vision_encoder=part_of(c.vision_config),
        vision_projection=_merging_projector(c, num_layers=1, bias=False),
    )


def _merging_projector(c: Config, *, num_layers: int, bias: bool) -> Module:
    vision_hidden_size = c.vision_config.hidden_size
    return two_layer_projector(
        vision_hidden_size * num_layers,
        c.text_config.hidden_size,
        bias=bias,
        norm=rms_norm(vision_hidden_size),
        patch_merger=module(merging_layer=linear(vision_hidden_size * c.spatial_merge_size**2, vision_hidden_size)),
    )
