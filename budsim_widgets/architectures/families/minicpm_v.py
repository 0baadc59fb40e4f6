"""MiniCPM-V 4.6 and 4.7 and MiniCPM-OCR: a tower that halves the picture twice, before Qwen 3.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    head_size,
    height_and_width,
    is_tied_at_top,
    seeing_model,
    side_of,
)
from budsim_widgets.architectures.families.siglip import siglip_without_head
from budsim_widgets.architectures.parts import Module, extended, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("minicpmv4_6", "MiniCPMV4_6ForConditionalGeneration", kind="multimodal")
@family("minicpmv4_7", "MiniCPMV4_7ForConditionalGeneration", kind="multimodal")
@family("minicpm_ocr", "MiniCPMOcrForConditionalGeneration", kind="multimodal")
def minicpm_v(c: Config) -> Module:
    """Behind the tower four neighbours become one vector, `merger_times` over; always four, and once at least."""
    size = c.vision_config.hidden_size
    out_sizes = [size] * (c.merger_times - 1) + [c.text_config.hidden_size]
    merger = module(mlp=stack(out_sizes, lambda out_size: _merging(4 * size, 4 * size, out_size)))
    return seeing_model(c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), merger=merger)


@family("minicpmv4_6_vision", "MiniCPMV4_6VisionModel")
@family("minicpmv4_7_vision", "MiniCPMV4_7VisionModel")
@family("minicpm_ocr_vision", "MiniCPMOcrVisionModel")
def minicpm_v_vision(c: Config) -> Module:
    """SigLIP; after one of its layers, which of them changes no shape, each window's vectors become one."""
    size, heads = c.hidden_size, c.num_attention_heads
    for field in ("image_size", "patch_size"):
        side_of(c.get(field), field)
    height, width = height_and_width(c.window_kernel_size, "window_kernel_size")
    window = height * width
    self_attn = attention(size, heads, heads, head_size(c), bias=True, names=VIT_PROJECTIONS, cached=False)
    merger = _merging(window * size, window * c.intermediate_size, size)
    return extended(
        siglip_without_head(c),
        {"vit_merger": extended(merger, {"self_attn": self_attn, "layer_norm1": layer_norm(size)})},
    )


def _merging(size: int, hidden: int, out_size: int) -> Module:
    """Neighbours' vectors, side by side, become one."""
    return module(
        pre_norm=layer_norm(size),
        linear_1=linear(size, hidden, bias=True),
        linear_2=linear(hidden, out_size, bias=True),
    )
