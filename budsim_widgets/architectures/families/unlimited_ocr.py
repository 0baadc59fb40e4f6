"""Unlimited-OCR: Segment Anything and CLIP side by side, and DeepSeek's experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.moe_decoder import moe_text_decoder
from budsim_widgets.architectures.blocks.sam import sam_encoder, sam_halving
from budsim_widgets.architectures.blocks.vision import is_tied_at_top, multimodal_model, num_patches, vit_layer
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def _notes(c: Config) -> tuple[str, ...]:
    window = c.text_config.get("sliding_window", 128)
    note = (
        f"The model keeps the prompt and the last {window - 1:,} tokens that it generates; "
        "the KV cache is computed as if all tokens were the prompt."
    )
    return (note,)


@family("unlimited_ocr", "UnlimitedOcrForConditionalGeneration", kind="multimodal", notes=_notes)
def unlimited_ocr(c: Config) -> Module:
    """The vectors of Segment Anything and of CLIP side by side; learned ones end rows and views."""
    towers, text_hidden_size = c.vision_config, c.text_config.hidden_size
    vision_hidden_size = (
        towers.sam_config.get("downsample_channels", (512, 1024))[-1] + towers.encoder_config.hidden_size
    )
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        vision_tower=module(
            sam_encoder=part_of(towers.sam_config), vision_encoder=_clip_without_patches(towers.encoder_config)
        ),
        multi_modal_projector=linear(vision_hidden_size, text_hidden_size, bias=True),
        view_separator=Weight((text_hidden_size,)),
        image_newline=Weight((text_hidden_size,)),
    )


def _clip_without_patches(c: Config) -> Module:
    """CLIP's layers on Segment Anything's vectors; no norm behind them."""
    hidden_size = c.hidden_size
    return module(
        embeddings=module(
            class_embedding=Weight((hidden_size,)), position_embedding=embedding(num_patches(c) + 1, hidden_size)
        ),
        pre_layrnorm=layer_norm(hidden_size),
        encoder=module(layers=repeat(c.num_hidden_layers, vit_layer(c))),
    )


@family("unlimited_ocr_text", "UnlimitedOcrTextModel")
def unlimited_ocr_text(c: Config) -> Module:
    """The first layer is dense."""
    return moe_text_decoder(c)


@family("unlimited_ocr_sam_vision_model", "UnlimitedOcrSamVisionEncoder")
def unlimited_ocr_sam(c: Config) -> Module:
    """With two convolutions behind the neck that halve the picture."""
    first, last = c.get("downsample_channels", (512, 1024))[:2]
    return extended(sam_encoder(c), {"proj": sam_halving(c.get("output_channels", 256), first, last)})
