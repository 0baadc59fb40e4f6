"""GOT-OCR 2: Segment Anything's vision tower, whose neck two convolutions bring to the text's width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Module, Weight, module, stack
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.architectures.vision import is_tied_at_top, seeing_model, side_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("got_ocr2", "GotOcr2ForConditionalGeneration", kind="multimodal")
@family("pp_chart2table", "GotOcr2ForConditionalGeneration", kind="multimodal")
def got_ocr2(c: Config) -> Module:
    """The convolutions halve the picture twice."""
    seen, size = c.vision_config.get("output_channels", 256), c.text_config.hidden_size
    projector = module(
        conv_upsampler1=conv(2 * seen, seen, 3, 3, bias=False),
        conv_upsampler2=conv(size, 2 * seen, 3, 3, bias=False),
        multimodal_projector=linear(size, size, bias=True),
    )
    return seeing_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("got_ocr2_vision", "GotOcr2VisionEncoder")
@family("pp_chart2table_vision", "GotOcr2VisionEncoder")
def sam_vision(c: Config) -> Module:
    """Most layers attend in windows; a relative position is learned for every distance that a layer can see."""
    size, channels = c.hidden_size, c.get("output_channels", 256)
    side = side_of(c.image_size, "image_size") // side_of(c.patch_size, "patch_size")
    whole = set(c.get("global_attn_indexes", (2, 5, 8, 11)))
    window = c.get("window_size", 14) or side
    kinds = (side if index in whole else window for index in range(c.num_hidden_layers))
    return module(
        pos_embed=Weight((1, side, side, size)) if c.get("use_abs_pos", True) else None,
        patch_embed=module(projection=conv(size, c.num_channels, c.patch_size, c.patch_size)),
        layers=stack(kinds, lambda reach: _layer(c, reach)),
        neck=module(
            conv1=conv(channels, size, 1, 1, bias=False),
            layer_norm1=layer_norm(channels),
            conv2=conv(channels, channels, 3, 3, bias=False),
            layer_norm2=layer_norm(channels),
        ),
    )


def _layer(c: Config, reach: int) -> Module:
    size = c.hidden_size
    distances = Weight((2 * reach - 1, size // c.num_attention_heads)) if c.get("use_rel_pos", True) else None
    return module(
        layer_norm1=layer_norm(size),
        attn=module(
            rel_pos_h=distances,
            rel_pos_w=distances,
            qkv=linear(size, 3 * size, bias=c.get("qkv_bias", True)),
            proj=linear(size, size, bias=True),
        ),
        layer_norm2=layer_norm(size),
        mlp=mlp(size, c.get("mlp_dim", 3072), names=("lin1", "lin2")),
    )
