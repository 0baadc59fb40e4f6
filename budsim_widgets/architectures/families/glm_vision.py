"""The vision towers of GLM: RMS norms, gated feed-forward blocks, patches merged by a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.vision import num_patches, side_of
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("glm4v_vision", "Glm4vVisionModel")
@family("glm4v_moe_vision", "Glm4vMoeVisionModel")
def glm4v_vision(c: Config) -> Module:
    """Learned positions; the feed-forward blocks are as wide as the text, the merger as wide as `intermediate_size`."""
    hidden_size, out = c.hidden_size, c.out_hidden_size
    block = module(
        norm1=rms_norm(hidden_size),
        norm2=rms_norm(hidden_size),
        attn=module(
            qkv=linear(hidden_size, 3 * hidden_size, bias=c.attention_bias), proj=linear(hidden_size, hidden_size)
        ),
        mlp=gated_mlp(hidden_size, out),
    )
    return module(
        embeddings=module(position_embedding=embedding(num_patches(c), hidden_size)),
        patch_embed=_patches(c),
        blocks=repeat(c.depth, block),
        merger=_merger(out, c.intermediate_size),
        post_conv_layernorm=rms_norm(hidden_size),
        downsample=_downsample(c),
        post_layernorm=rms_norm(hidden_size),
    )


@family("glm_ocr_vision", "GlmOcrVisionModel")
@family("glm5_next_vision", "Glm5NextVisionModel")
def glm_ocr_vision(c: Config) -> Module:
    """Rotary positions alone, normed queries and keys; GLM 5's merger has an intermediate size of its own."""
    merged = c.projection_intermediate_size if c.model_type == "glm5_next_vision" else c.out_hidden_size * c.in_channels
    hidden_size, out, bias = c.hidden_size, c.out_hidden_size, c.attention_bias
    norm = rms_norm(hidden_size // c.num_heads)
    attn = module(
        qkv=linear(hidden_size, 3 * hidden_size, bias=bias),
        proj=linear(hidden_size, hidden_size, bias=bias),
        q_norm=norm,
        k_norm=norm,
    )
    block = module(
        norm1=rms_norm(hidden_size),
        norm2=rms_norm(hidden_size),
        attn=attn,
        mlp=gated_mlp(hidden_size, c.intermediate_size, bias=bias),
    )
    return module(
        patch_embed=_patches(c),
        blocks=repeat(c.depth, block),
        merger=_merger(out, merged),
        downsample=_downsample(c),
        post_layernorm=rms_norm(hidden_size),
    )


def _patches(c: Config) -> Module:
    side, frames = side_of(c.patch_size, "patch_size"), side_of(c.temporal_patch_size, "temporal_patch_size")
    return module(proj=conv(c.hidden_size, c.in_channels, frames, side, side))


def _downsample(c: Config) -> Module:
    return conv(c.out_hidden_size, c.hidden_size, c.spatial_merge_size, c.spatial_merge_size)


def _merger(hidden_size: int, intermediate_size: int) -> Module:
    return module(
        gated_mlp(hidden_size, intermediate_size).children,
        proj=linear(hidden_size, hidden_size),
        post_projection_norm=layer_norm(hidden_size),
    )
