"""LFM2-VL and PaddleOCR-VL: SigLIP's towers before small language models, with neighbouring patches joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear
from budsim_widgets.architectures.blocks.models import pre_norm_layer, self_attention
from budsim_widgets.architectures.blocks.vision import (
    headless_decoder,
    is_tied_at_either,
    is_tied_at_top,
    multimodal_model,
)
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("lfm2_vl", "Lfm2VlForConditionalGeneration", kind="multimodal")
def lfm2_vl(c: Config) -> Module:
    """Older files tie the head by `tie_embedding`."""
    joined, projector_hidden_size, bias = (
        c.vision_config.hidden_size * c.downsample_factor**2,
        c.projector_hidden_size,
        c.projector_bias,
    )
    projector = module(
        layer_norm=layer_norm(joined) if c.get("projector_use_layernorm", True) else None,
        linear_1=linear(joined, projector_hidden_size, bias=bias),
        linear_2=linear(projector_hidden_size, c.text_config.hidden_size, bias=bias),
    )
    return multimodal_model(
        c,
        tied=bool(c.get("tie_embedding", is_tied_at_top(c))),
        vision_tower=part_of(c.vision_config),
        multi_modal_projector=projector,
    )


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
