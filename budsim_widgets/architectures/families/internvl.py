"""InternVL and Qianfan-OCR: their vision tower, and the pictures' patches shuffled into fewer, wider ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import (
    height_and_width,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
    num_patches,
    two_layer_projector,
)
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("internvl_vision", "InternVLVisionModel")
def internvl_vision(c: Config) -> Module:
    """BEiT's layout: a vector for the whole picture, learned positions, blocks that are scaled number by number."""
    hidden_size = c.hidden_size
    patches = conv(hidden_size, c.num_channels, *height_and_width(c.patch_size, "patch_size"))
    positions = Weight((1, num_patches(c) + 1, hidden_size)) if c.use_absolute_position_embeddings else None
    return module(
        embeddings=module(
            cls_token=Weight((1, 1, hidden_size)),
            mask_token=Weight((1, 1, hidden_size)) if c.use_mask_token else None,
            patch_embeddings=module(projection=patches),
            position_embeddings=positions,
        ),
        encoder=module(layer=repeat(c.num_hidden_layers, _layer(c))),
        layernorm=None if c.use_mean_pooling else layer_norm(hidden_size),
    )


@family("qianfan_ocr_vision", "QianfanOCRVisionModel")
def qianfan_vision(c: Config) -> Module:
    """The same with its layers one level up."""
    whole = internvl_vision(c).children
    return module({**whole, "encoder": None, "layers": repeat(c.num_hidden_layers, _layer(c))})


@family("internvl", "InternVLForConditionalGeneration", kind="multimodal")
@family("qianfan_ocr", "QianfanOCRForConditionalGeneration", kind="multimodal")
def internvl(c: Config) -> Module:
    """A norm and two linear layers between the tower and the language model."""
    joined = c.vision_config.hidden_size * int(1 / c.downsample_ratio) ** 2
    projector = two_layer_projector(joined, c.text_config.hidden_size, layer_norm=layer_norm(joined))
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


def _layer(c: Config) -> Module:
    hidden_size, num_attention_heads, bias = c.hidden_size, c.num_attention_heads, c.attention_bias
    norm = rms_norm(hidden_size) if c.get("norm_type") == "rms_norm" else layer_norm(hidden_size)
    qk_norm = rms_norm(hidden_size) if c.use_qk_norm else None
    names = ("q_proj", "k_proj", "v_proj", "projection_layer")
    return module(
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size_per_head(c),
            bias=bias,
            out_bias=True,
            names=names,
            cached=False,
            q_norm=qk_norm,
            k_norm=qk_norm,
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        layernorm_before=norm,
        layernorm_after=norm,
        lambda_1=Weight((hidden_size,)),
        lambda_2=Weight((hidden_size,)),
    )
