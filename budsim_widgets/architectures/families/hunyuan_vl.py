"""Hunyuan-VL and Hunyuan-OCR: Hunyuan with a tower whose patches are joined by convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import VIT_PROJECTIONS, is_tied_at_either, multimodal_model, side_of
from budsim_widgets.architectures.families.hunyuan import hunyuan_dense
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("hunyuan_vl", "HunYuanVLForConditionalGeneration", kind="multimodal")
def hunyuan_vl(c: Config) -> Module:
    """Either level of the config ties the head."""
    return multimodal_model(
        c, tied=is_tied_at_either(c), vision_tower=_tower(c.vision_config, c.text_config.hidden_size)
    )


@family("hunyuan_vl_text", "HunYuanVLTextModel")
def hunyuan_vl_text(c: Config) -> Module:
    """Hunyuan, inside the model that sees."""
    return hunyuan_dense(c)


def _tower(c: Config, text_hidden_size: int) -> Module:
    """A learned position for every patch of the largest picture, and one more."""
    hidden_size, num_attention_heads, patch = c.hidden_size, c.num_attention_heads, side_of(c.patch_size, "patch_size")
    layer = module(
        layer_norm1=layer_norm(hidden_size),
        self_attn=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            c.head_dim,
            bias=True,
            names=(*VIT_PROJECTIONS[:3], "o_proj"),
            cached=False,
        ),
        layer_norm2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        embeddings=module(
            patch_embedding=conv(hidden_size, c.num_channels, patch, patch),
            position_embedding=embedding((c.max_image_size // patch) ** 2 + 1, hidden_size),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        patch_merger=_merger(c, text_hidden_size),
    )


def _merger(c: Config, text_hidden_size: int) -> Module:
    """Joins neighbouring patches; learned vectors begin and end a picture, and end its rows."""
    hidden_size, side, ending = c.hidden_size, c.spatial_merge_size, Weight((text_hidden_size,))
    return module(
        proj_conv=conv(2 * hidden_size, hidden_size, side, side),
        proj_out=conv(4 * hidden_size, 2 * hidden_size, 1, 1),
        mlp=linear(4 * hidden_size, text_hidden_size, bias=True),
        image_newline=Weight((4 * hidden_size,)),
        image_begin=ending,
        image_end=ending,
        image_sep=ending,
        before_rms=rms_norm(hidden_size),
        after_rms=rms_norm(text_hidden_size),
    )
