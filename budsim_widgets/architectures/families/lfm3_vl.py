"""LFM3-VL: a tower that convolves in two directions and attends in some layers, and LFM 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, gated_mlp, layer_norm, linear, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types
from budsim_widgets.architectures.blocks.vision import VIT_PROJECTIONS, is_tied_at_top, multimodal_model, side_of
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("lfm3_vl", "Lfm3VlForConditionalGeneration", kind="multimodal")
def lfm3_vl(c: Config) -> Module:
    """Neighbouring patches are joined before the two linear layers."""
    vision_hidden_size, projector_hidden_size, bias = (
        c.vision_config.hidden_size,
        c.projector_hidden_size,
        c.projector_bias,
    )
    projector = module(
        layer_norm=layer_norm(vision_hidden_size),
        linear_1=linear(vision_hidden_size * c.vision_config.spatial_merge_size**2, projector_hidden_size, bias=bias),
        linear_2=linear(projector_hidden_size, c.text_config.hidden_size, bias=bias),
    )
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("lfm3_vl_vision", "Lfm3VlVisionModel")
def lfm3_vision(c: Config) -> Module:
    """From the third layer on, every second attends."""
    hidden_size, frames = c.hidden_size, side_of(c.temporal_patch_size, "temporal_patch_size")
    kinds = given_layer_types(c) or [
        "conv" if index < 2 or index % 2 else "full_attention"  # noqa: PLR2004 - the first two
        for index in range(c.num_hidden_layers)
    ]

    def layer(kind: str) -> Module:
        convolves = kind == "conv"
        return module(
            conv=_spatial_conv(c) if convolves else None,
            self_attn=None if convolves else _attention(c),
            feed_forward=gated_mlp(hidden_size, c.intermediate_size, names=("w1", "w3", "w2")),
            operator_norm=rms_norm(hidden_size),
            ffn_norm=rms_norm(hidden_size),
        )

    return module(
        patch_embed=linear(c.in_channels * frames * side_of(c.patch_size, "patch_size") ** 2, hidden_size),
        embedding_norm=rms_norm(hidden_size),
        layers=stack(kinds, layer),
    )


def _spatial_conv(c: Config) -> Module:
    hidden_size, side = c.hidden_size, c.get("conv_kernel_size", 3)
    return module(
        in_proj=linear(hidden_size, 3 * hidden_size),
        spatial_conv=conv(hidden_size, 1, side, side, bias=False),
        out_proj=linear(hidden_size, hidden_size),
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
