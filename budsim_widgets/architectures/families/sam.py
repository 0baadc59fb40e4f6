"""Segment Anything's vision tower: what GOT-OCR, DeepSeek-VL and Unlimited-OCR read fine print with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import side_of
from budsim_widgets.architectures.parts import Module, Weight, extended, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("got_ocr2_vision", "GotOcr2VisionEncoder")
@family("pp_chart2table_vision", "GotOcr2VisionEncoder")
def sam_encoder(c: Config) -> Module:
    """Most layers attend in windows; a relative position is learned for every distance that a layer can see."""
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


@family("sam_vision_model", "SamVisionModel")
def sam_vision(c: Config) -> Module:
    """The same, one level down."""
    return module(vision_encoder=sam_encoder(c))


@family("unlimited_ocr_sam_vision_model", "UnlimitedOcrSamVisionEncoder")
def unlimited_ocr_sam(c: Config) -> Module:
    """With two convolutions behind the neck that halve the picture."""
    first, last = c.get("downsample_channels", (512, 1024))[:2]
    return extended(sam_encoder(c), {"proj": sam_halving(c.get("output_channels", 256), first, last)})


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
    hidden_size, mlp_dim = c.hidden_size, c.get("mlp_dim") or int(c.hidden_size * c.get("mlp_ratio", 4.0))
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
