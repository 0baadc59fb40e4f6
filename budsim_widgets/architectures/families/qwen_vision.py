"""The vision tower of Qwen 3.5: patches of pictures over time, merged two by two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("qwen3_5_vision", "Qwen3_5VisionModel")
@family("qwen3_5_moe_vision", "Qwen3_5MoeVisionModel")
def qwen3_5_vision(c: Config) -> Module:
    """Learned positions, pre-norm layers with fused projections, a merger into the text's width."""
    size, norm = c.hidden_size, layer_norm(c.hidden_size)
    layer = module(
        norm1=norm,
        norm2=norm,
        attn=module(qkv=linear(size, 3 * size, bias=True), proj=linear(size, size, bias=True)),
        mlp=mlp(size, c.intermediate_size, names=("linear_fc1", "linear_fc2")),
    )
    return module(
        patch_embed=module(
            proj=conv(size, c.in_channels, c.temporal_patch_size, c.patch_size, c.patch_size),
        ),
        pos_embed=embedding(c.num_position_embeddings, size),
        blocks=repeat(c.depth, layer),
        merger=_merger(c),
    )


def _merger(c: Config) -> Module:
    merged = c.hidden_size * c.spatial_merge_size**2
    return module(
        norm=layer_norm(c.hidden_size),
        linear_fc1=linear(merged, merged, bias=True),
        linear_fc2=linear(merged, c.out_hidden_size, bias=True),
    )
