"""The vision towers of GLM: RMS norms, gated feed-forward blocks, patches merged by a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, fused_gated_mlp, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.blocks.vision import headless_decoder, hidden_size_per_head, side_of
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def glm_vision_tower(c: Config) -> Module:
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
        patch_embed=glm_patches(c),
        blocks=repeat(c.depth, block),
        merger=glm_merger(out, merged),
        downsample=glm_downsample(c),
        post_layernorm=rms_norm(hidden_size),
    )


def glm_patches(c: Config) -> Module:
    """The convolution that makes vectors of patches over time."""
    side, frames = side_of(c.patch_size, "patch_size"), side_of(c.temporal_patch_size, "temporal_patch_size")
    return module(proj=conv(c.hidden_size, c.in_channels, frames, side, side))


def glm_downsample(c: Config) -> Module:
    """The convolution that joins neighbouring patches to the text's hidden size."""
    return conv(c.out_hidden_size, c.hidden_size, c.spatial_merge_size, c.spatial_merge_size)


def glm_merger(hidden_size: int, intermediate_size: int) -> Module:
    """A projection, a norm and a gated feed-forward block behind the joined patches."""
    return module(
        gated_mlp(hidden_size, intermediate_size).children,
        proj=linear(hidden_size, hidden_size),
        post_projection_norm=layer_norm(hidden_size),
    )


def glm4_text_decoder(c: Config) -> Module:
    """GLM 4: norms before and behind both blocks, and the feed-forward block's two ways up in one matrix."""
    hidden_size, is_ocr = c.hidden_size, c.model_type == "glm_ocr_text"
    self_attn = attention(
        hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim if is_ocr else hidden_size_per_head(c),
        bias=not is_ocr,
        out_bias=False,
    )
    layer = pre_norm_layer(
        hidden_size,
        self_attn,
        fused_gated_mlp(hidden_size, c.intermediate_size),
        post_self_attn_layernorm=rms_norm(hidden_size),
        post_mlp_layernorm=rms_norm(hidden_size),
    )
    return headless_decoder(c, repeat(c.num_hidden_layers, layer))
