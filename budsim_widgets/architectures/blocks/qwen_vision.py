"""The vision towers of Qwen: patches of pictures over time, merged two by two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.vision import side_of
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def vision_patches(c: Config, hidden_size: int, *, bias: bool) -> Module:
    """The convolution that makes vectors of patches over time."""
    side, frames = side_of(c.patch_size, "patch_size"), side_of(c.temporal_patch_size, "temporal_patch_size")
    return module(proj=conv(hidden_size, c.in_channels, frames, side, side, bias=bias))


def vision_block(hidden_size: int, norm: Module, feed_forward: Module) -> Module:
    """A layer whose queries, keys and values are one matrix."""
    return module(norm1=norm, norm2=norm, attn=one_matrix_attention(hidden_size), mlp=feed_forward)


def merged_hidden_size(c: Config) -> int:
    """Elements of the neighbouring patches that become one."""
    return int(c.get("embed_dim", c.hidden_size) * c.spatial_merge_size**2)


def sequential_merger(c: Config, norm: Module, out_hidden_size: int) -> Module:
    """Two numbered linear layers behind a norm, from neighbouring patches to one vector."""
    merged = merged_hidden_size(c)
    return module(
        ln_q=norm,
        mlp=module({"0": linear(merged, merged, bias=True), "2": linear(merged, out_hidden_size, bias=True)}),
    )


def merging_tower(c: Config, hidden_size: int, layer: Module, norm: Module, out_hidden_size: int) -> Module:
    """Patches, layers, and the merger into the text's width: Qwen2-VL's, Qwen2.5-VL's and those made like them."""
    return module(
        patch_embed=vision_patches(c, hidden_size, bias=False),
        blocks=repeat(c.depth, layer),
        merger=sequential_merger(c, norm, out_hidden_size),
    )


def gated_vision_tower(c: Config, attn: Module) -> Module:
    """Qwen2.5-VL's tower around an attention: RMS norms and a gated feed-forward block."""
    hidden_size, norm = c.hidden_size, rms_norm(c.hidden_size)
    layer = module(norm1=norm, norm2=norm, attn=attn, mlp=gated_mlp(hidden_size, c.intermediate_size, bias=True))
    return merging_tower(c, hidden_size, layer, norm, c.out_hidden_size)


def one_matrix_attention(hidden_size: int) -> Module:
    """Attention whose queries, keys and values are one matrix."""
    return module(qkv=linear(hidden_size, 3 * hidden_size, bias=True), proj=linear(hidden_size, hidden_size, bias=True))


def qwen3_vision_tower(c: Config) -> Module:
    """Learned positions, and in Qwen3-VL a merger for each layer whose vectors go into the text's first layers."""
    hidden_size = c.hidden_size
    feed_forward = mlp(hidden_size, c.intermediate_size, names=("linear_fc1", "linear_fc2"))
    deep = len(c.get("deepstack_visual_indexes", ())) if c.model_type.startswith("qwen3_vl") else None
    return module(
        patch_embed=vision_patches(c, hidden_size, bias=True),
        pos_embed=embedding(c.num_position_embeddings, hidden_size),
        blocks=repeat(c.depth, vision_block(hidden_size, layer_norm(hidden_size), feed_forward)),
        merger=_merger(c, norm_features=hidden_size),
        deepstack_merger_list=repeat(deep, _merger(c, norm_features=merged_hidden_size(c))) if deep else None,
    )


def _merger(c: Config, *, norm_features: int) -> Module:
    merged = merged_hidden_size(c)
    return module(
        norm=layer_norm(norm_features),
        linear_fc1=linear(merged, merged, bias=True),
        linear_fc2=linear(merged, c.out_hidden_size, bias=True),
    )
