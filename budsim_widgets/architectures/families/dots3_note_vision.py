"""The vision tower of dots3.note, whose later layers have experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.dots3_note import check_equal
from budsim_widgets.architectures.blocks.layers import conv, gated_mlp, layer_norm, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, side_of
from budsim_widgets.architectures.config import Config, inconsistent, own_fields
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from typing import Any, Final

    from budsim_widgets.architectures.parts import Module

_PYRAMID: Final = (*[-1] * 25, *range(4, 65, 4), 64)
"""Experts of each layer of the vision tower, unless the config lists them; -1: a plain feed-forward block."""


@family("dots3_note_vision_encoder", "Dots3NoteVisionModel")
def dots3_note_vision(c: Config) -> Module:
    """The later layers have experts, each more of them than the one before; none is shared."""
    hidden_size, side, bias = c.hidden_size, side_of(c.patch_size, "patch_size"), c.attention_bias
    joined = hidden_size * c.adapter_merge_size**2
    check_equal("adapter_in_dim", c.adapter_in_dim, hidden_size)
    check_equal("adapter_merge_size", c.adapter_merge_size, c.spatial_merge_size)
    qk_norm = rms_norm(hidden_size_per_head(c))
    self_attn = module(
        qkv=linear(hidden_size, 3 * hidden_size, bias=bias),
        proj=linear(hidden_size, hidden_size, bias=bias),
        q_norm=qk_norm,
        k_norm=qk_norm,
    )

    def block(kind: str, own: tuple[tuple[str, Any], ...]) -> Module:
        return module(
            norm1=rms_norm(hidden_size),
            attn=self_attn,
            norm2=rms_norm(hidden_size),
            mlp=_feed_forward(Config({**c.fields, **dict(own)}), kind),
        )

    return module(
        patch_embed=module(proj=conv(hidden_size, c.num_channels, side, side), norm=rms_norm(hidden_size)),
        blocks=stack(_kinds(c), block),
        merger=module(
            ln_q=layer_norm(hidden_size),
            mlp=module({"0": linear(joined, joined, bias=True), "2": linear(joined, c.adapter_out_dim, bias=True)}),
        ),
        norm=rms_norm(hidden_size),
    )


def _kinds(c: Config) -> list[tuple[str, tuple[tuple[str, Any], ...]]]:
    """Of every layer: dense or sparse, and the fields that it has of its own."""
    kinds = given_layer_types(c, name="mlp_layer_types")
    pyramid = c.get("pyramid_num_routed", _PYRAMID if kinds is None else ())
    if pyramid:
        if len(pyramid) < c.num_hidden_layers or any(count > 0 for count in pyramid[c.num_hidden_layers :]):
            count = c.num_hidden_layers
            raise inconsistent("pyramid_num_routed", f"It lists {len(pyramid)} layers, but there are {count}.")
        kinds = ["sparse" if count > 0 else "dense" for count in pyramid]
    return [
        (kind, tuple(_own(c, index, pyramid).items()))
        for index, kind in zip(range(c.num_hidden_layers), kinds or (), strict=False)
    ]


def _own(c: Config, index: int, pyramid: tuple[int, ...]) -> dict[str, Any]:
    own = own_fields(c, index)
    if own is not None or not pyramid:
        return own or {}
    return {"num_local_experts": pyramid[index]}


def _feed_forward(c: Config, kind: str) -> Module:
    if kind != "sparse":
        return gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    if c.mlp_bias:
        raise inconsistent("vision_config.mlp_bias", "`mlp_bias` is set, but experts have no biases.")
    used = c.get("num_experts_per_tok", c.get("capacity_factor", 2))
    return mixture_of_experts(c.hidden_size, c.num_local_experts, used, c.moe_intermediate_size)
