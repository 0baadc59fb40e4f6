"""Qwen2-VL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.qwen import qwen2_text_decoder
from budsim_widgets.architectures.blocks.qwen_vision import merging_tower, vision_block
from budsim_widgets.architectures.blocks.vision import is_tied_at_either, multimodal_model
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen2_vl", "Qwen2VLForConditionalGeneration", kind="multimodal")
def qwen2_vl(c: Config) -> Module:
    """Older files write the text's fields at the top level, newer ones may tie the head in the text's part."""
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config))


@family("qwen2_vl_text", "Qwen2VLTextModel")
def qwen2_vl_text(c: Config) -> Module:
    """Qwen 2."""
    return qwen2_text_decoder(c)


@family("qwen2_vl_vision", "Qwen2VisionTransformerPretrainedModel")
def qwen2_vl_vision(c: Config) -> Module:
    """Its hidden size is `embed_dim`; `hidden_size` is the text's."""
    embed_dim = c.embed_dim
    feed_forward = mlp(embed_dim, int(embed_dim * c.mlp_ratio), names=("fc1", "fc2"))
    norm = layer_norm(embed_dim)
    return merging_tower(c, embed_dim, vision_block(embed_dim, norm, feed_forward), norm, c.hidden_size)
