"""LFM 3 that sees: a tower that convolves in two directions and attends in some layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types
from budsim_widgets.architectures.blocks.vision import (
    VIT_PROJECTIONS,
    is_tied_at_top,
    seeing_model,
    side_of,
)
from budsim_widgets.architectures.parts import Module, module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("lfm3_vl", "Lfm3VlForConditionalGeneration", kind="multimodal")
def lfm3_vl(c: Config) -> Module:
    """Neighbouring patches are joined before the two linear layers."""
    seen, width, bias = c.vision_config.hidden_size, c.projector_hidden_size, c.projector_bias
    projector = module(
        layer_norm=layer_norm(seen),
        linear_1=linear(seen * c.vision_config.spatial_merge_size**2, width, bias=bias),
        linear_2=linear(width, c.text_config.hidden_size, bias=bias),
    )
    return seeing_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("lfm3_vl_vision", "Lfm3VlVisionModel")
def lfm3_vision(c: Config) -> Module:
    """From the third layer on, every second attends."""
    size, frames = c.hidden_size, side_of(c.temporal_patch_size, "temporal_patch_size")
    kinds = given_layer_types(c) or [
        "conv" if index < 2 or index % 2 else "full_attention"  # noqa: PLR2004 - the first two
        for index in range(c.num_hidden_layers)
    ]

    def layer(kind: str) -> Module:
        convolves = kind == "conv"
        return module(
            conv=_spatial_conv(c) if convolves else None,
            self_attn=None if convolves else _attention(c),
            feed_forward=gated_mlp(size, c.intermediate_size, names=("w1", "w3", "w2")),
            operator_norm=rms_norm(size),
            ffn_norm=rms_norm(size),
        )

    return module(
        patch_embed=linear(c.in_channels * frames * side_of(c.patch_size, "patch_size") ** 2, size),
        embedding_norm=rms_norm(size),
        layers=stack(kinds, layer),
    )


def _spatial_conv(c: Config) -> Module:
    size, side = c.hidden_size, c.get("conv_kernel_size", 3)
    return module(
        in_proj=linear(size, 3 * size),
        spatial_conv=conv(size, 1, side, side, bias=False),
        out_proj=linear(size, size),
    )


def _attention(c: Config) -> Module:
    head_dim = c.hidden_size // c.num_attention_heads
    return attention(
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        head_dim,
        names=VIT_PROJECTIONS,
        cached=False,
        q_norm=rms_norm(head_dim),
        k_norm=rms_norm(head_dim),
    )
