"""MiniCPM-V 4.6 and 4.7 and MiniCPM-OCR: a tower that halves the picture twice, before Qwen 3.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.siglip import siglip_without_head
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    height_and_width,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
    side_of,
)
from budsim_widgets.architectures.parts import extended, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("minicpmv4_6", "MiniCPMV4_6ForConditionalGeneration", kind="multimodal")
@family("minicpmv4_7", "MiniCPMV4_7ForConditionalGeneration", kind="multimodal")
@family("minicpm_ocr", "MiniCPMOcrForConditionalGeneration", kind="multimodal")
def minicpm_v(c: Config) -> Module:
    """Behind the tower four neighbours become one vector, `merger_times` over; always four, and once at least."""
    vision_hidden_size = c.vision_config.hidden_size
    out_features_of_mergers = [vision_hidden_size] * (c.merger_times - 1) + [c.text_config.hidden_size]
    merger = module(
        mlp=stack(
            out_features_of_mergers,
            lambda out_features: _merging(4 * vision_hidden_size, 4 * vision_hidden_size, out_features),
        )
    )
    return multimodal_model(c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), merger=merger)


@family("minicpmv4_6_vision", "MiniCPMV4_6VisionModel")
@family("minicpmv4_7_vision", "MiniCPMV4_7VisionModel")
@family("minicpm_ocr_vision", "MiniCPMOcrVisionModel")
def minicpm_v_vision(c: Config) -> Module:
    """SigLIP; after one of its layers, which of them changes no shape, each window's vectors become one."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    for field in ("image_size", "patch_size"):
        side_of(c.get(field), field)
    height, width = height_and_width(c.window_kernel_size, "window_kernel_size")
    window = height * width
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size_per_head(c),
        bias=True,
        names=VIT_PROJECTIONS,
        cached=False,
    )
    merger = _merging(window * hidden_size, window * c.intermediate_size, hidden_size)
    return extended(
        siglip_without_head(c),
        {"vit_merger": extended(merger, {"self_attn": self_attn, "layer_norm1": layer_norm(hidden_size)})},
    )


def _merging(in_features: int, intermediate_size: int, out_features: int) -> Module:
    """Neighbours' vectors, side by side, become one."""
    return module(
        pre_norm=layer_norm(in_features),
        linear_1=linear(in_features, intermediate_size, bias=True),
        linear_2=linear(intermediate_size, out_features, bias=True),
    )
