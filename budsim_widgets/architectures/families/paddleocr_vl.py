"""PaddleOCR-VL: SigLIP's tower, neighbouring patches joined, and ERNIE 4.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.siglip import siglip_without_head
from budsim_widgets.architectures.blocks.vision import headless_decoder, is_tied_at_either, multimodal_model
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("paddleocr_vl", "PaddleOCRVLForConditionalGeneration", kind="multimodal")
def paddleocr_vl(c: Config) -> Module:
    """Either level of the config ties the head."""
    vision_hidden_size = c.vision_config.hidden_size
    joined = vision_hidden_size * c.vision_config.spatial_merge_size**2
    projector = module(
        pre_norm=layer_norm(vision_hidden_size),
        linear_1=linear(joined, joined, bias=True),
        linear_2=linear(joined, c.text_config.hidden_size, bias=True),
    )
    return multimodal_model(c, tied=is_tied_at_either(c), visual=part_of(c.vision_config), projector=projector)


@family("paddleocr_vl_text", "PaddleOCRTextModel")
def paddleocr_text(c: Config) -> Module:
    """ERNIE 4.5: Llama, with biases everywhere or nowhere."""
    bias = bool(c.get("use_bias", False))
    layer = pre_norm_layer(
        c.hidden_size, self_attention(c, bias=bias), gated_mlp(c.hidden_size, c.intermediate_size, bias=bias)
    )
    return headless_decoder(c, repeat(c.num_hidden_layers, layer))


@family("paddleocr_vl_vision", "PaddleOCRVisionModel")
def paddleocr_vision(c: Config) -> Module:
    """SigLIP without the pooling head, one level down."""
    return module(vision_model=siglip_without_head(c))
