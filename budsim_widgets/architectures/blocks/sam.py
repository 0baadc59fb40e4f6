"""Segment Anything's vision tower, which models that read documents use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import side_of
from budsim_widgets.architectures.parts import Weight, module, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def sam_encoder(c: Config) -> Module:
    """Most layers attend in windows; a relative position is learned for every distance within a layer's window."""
    hidden_size = c.hidden_size
    side = side_of(c.image_size, "image_size") // side_of(c.patch_size, "patch_size")
    whole = set(c.get("global_attn_indexes", (2, 5, 8, 11)))
    window = c.get("window_size", 14) or side
    kinds = (side if index in whole else window for index in range(c.num_hidden_layers))
    return module(
        pos_embed=Weight((1, side, side, hidden_size)) if c.get("use_abs_pos", True) else None,
        patch_embed=module(projection=conv(hidden_size, c.num_channels, c.patch_size, c.patch_size)),
        layers=stack(kinds, lambda reach: _layer(c, reach)),
        neck=sam_neck(c),
    )


def sam_neck(c: Config) -> Module:
    """Two convolutions that leave `output_channels`."""
    channels = c.get("output_channels", 256)
    return module(
        conv1=conv(channels, c.hidden_size, 1, 1, bias=False),
        layer_norm1=layer_norm(channels),
        conv2=conv(channels, channels, 3, 3, bias=False),
        layer_norm2=layer_norm(channels),
    )


def sam_halving(channels: int, first: int, last: int) -> Module:
    """Two convolutions, each of which halves the picture."""
    return module(conv1=conv(first, channels, 3, 3, bias=False), conv2=conv(last, first, 3, 3, bias=False))


def _layer(c: Config, reach: int) -> Module:
    hidden_size, mlp_dim = c.hidden_size, c.get("mlp_dim", int(c.hidden_size * c.get("mlp_ratio", 4.0)))
    distances = Weight((2 * reach - 1, hidden_size // c.num_attention_heads)) if c.get("use_rel_pos", True) else None
    return module(
        layer_norm1=layer_norm(hidden_size),
        attn=module(
            rel_pos_h=distances,
            rel_pos_w=distances,
            qkv=linear(hidden_size, 3 * hidden_size, bias=c.get("qkv_bias", True)),
            proj=linear(hidden_size, hidden_size, bias=True),
        ),
        layer_norm2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, mlp_dim, names=("lin1", "lin2")),
    )
