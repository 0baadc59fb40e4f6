"""Hunyuan 4 VL: Hunyuan 4 behind a tower that joins patches by convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.hy_v4 import hy_v4_decoder
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, mlp, rms_norm
from budsim_widgets.architectures.blocks.multi_token_prediction import layers_at
from budsim_widgets.architectures.blocks.vision import (
    base_model,
    hidden_size_per_head,
    is_tied_at_top,
    multimodal_model,
    side_of,
)
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("hy_v4_vl", "HYV4VLForConditionalGeneration", kind="multimodal", extras=layers_at("model.mtp_layers"))
def hy_v4_vl(c: Config) -> Module:
    """The top level ties the head."""
    return multimodal_model(c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config))


@family("hy_v4_vl_text", "HYV4VLTextModel")
def hy_v4_vl_text(c: Config) -> Module:
    """Hunyuan 4 without its head, inside Hunyuan 4 VL."""
    return base_model(hy_v4_decoder(c))


@family("hy_v4_vl_vision", "HYV4VLVisionModel")
def hy_v4_vl_vision(c: Config) -> Module:
    """A learned position for every patch of the largest picture, and one more."""
    hidden_size, num_attention_heads, patch = c.hidden_size, c.num_attention_heads, side_of(c.patch_size, "patch_size")
    head_dim = c.get("head_dim", hidden_size_per_head(c))
    layer = module(
        layer_norm1=layer_norm(hidden_size),
        self_attn=attention(hidden_size, num_attention_heads, num_attention_heads, head_dim, bias=True, cached=False),
        layer_norm2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        embeddings=module(
            patch_embedding=conv(hidden_size, c.num_channels, patch, patch),
            position_embedding=embedding((c.max_image_size // patch) ** 2 + 1, hidden_size),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        patch_merger=_merger(c),
    )


def _merger(c: Config) -> Module:
    """Joins neighbouring patches; a learned vector ends each row of a picture."""
    hidden_size, side = c.hidden_size, c.spatial_merge_size
    wide = hidden_size * side**2
    return module(
        proj_conv=conv(wide, hidden_size, side, side),
        proj_out=conv(c.out_hidden_size, wide, 1, 1),
        image_newline=Weight((c.out_hidden_size,)),
        before_rms=rms_norm(hidden_size),
    )
