"""GOT-OCR 2, and PP-Chart2Table, which is one: Segment Anything's tower before Qwen 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, linear
from budsim_widgets.architectures.blocks.sam import sam_encoder
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("got_ocr2", "GotOcr2ForConditionalGeneration", kind="multimodal")
@family("pp_chart2table", "GotOcr2ForConditionalGeneration", kind="multimodal")
def got_ocr2(c: Config) -> Module:
    """The convolutions halve the picture twice."""
    vision_output_channels, text_hidden_size = c.vision_config.get("output_channels", 256), c.text_config.hidden_size
    projector = module(
        conv_upsampler1=conv(2 * vision_output_channels, vision_output_channels, 3, 3, bias=False),
        conv_upsampler2=conv(text_hidden_size, 2 * vision_output_channels, 3, 3, bias=False),
        multimodal_projector=linear(text_hidden_size, text_hidden_size, bias=True),
    )
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), multi_modal_projector=projector
    )


@family("got_ocr2_vision", "GotOcr2VisionEncoder")
@family("pp_chart2table_vision", "GotOcr2VisionEncoder")
def got_ocr2_vision(c: Config) -> Module:
    """Segment Anything's."""
    return sam_encoder(c)
