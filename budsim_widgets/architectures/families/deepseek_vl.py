"""DeepSeek-VL: one or two towers before a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.sam import sam_halving, sam_neck
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Weight, module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("deepseek_vl", "DeepseekVLForConditionalGeneration", kind="multimodal")
def deepseek_vl(c: Config) -> Module:
    """SigLIP and two linear layers."""
    text_hidden_size = c.text_config.hidden_size
    aligner = module(
        linear1=linear(c.vision_config.hidden_size, text_hidden_size, bias=True),
        linear2=linear(text_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(c, tied=is_tied_at_top(c), vision_model=part_of(c.vision_config), aligner=aligner)


@family("deepseek_vl_hybrid", "DeepseekVLHybridForConditionalGeneration", kind="multimodal")
def deepseek_vl_hybrid(c: Config) -> Module:
    """Segment Anything beside SigLIP, each of which yields half of the width."""
    text_hidden_size, high = c.text_config.hidden_size, c.high_res_vision_config
    channels = high.get("output_channels", 256)
    aligner = module(
        vision_proj=linear(c.vision_config.hidden_size, text_hidden_size // 2, bias=True),
        high_res_vision_proj=linear(4 * channels, text_hidden_size // 2, bias=True),
        proj=linear(text_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        high_res_vision_model=part_of(high),
        high_res_vision_neck=sam_neck(high),
        high_res_vision_proj=sam_halving(channels, 2 * channels, 4 * channels),
        high_res_vision_alpha=Weight((1,)),
        vision_model=part_of(c.vision_config),
        aligner=aligner,
    )
