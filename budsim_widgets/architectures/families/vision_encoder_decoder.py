"""A vision tower and a text decoder of any kind: TrOCR, ViT with a BERT or a RoBERTa."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.vision import height_and_width, num_patches
from budsim_widgets.architectures.families.encoder_decoder import between, reading_decoder
from budsim_widgets.architectures.parts import Module, Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("vision-encoder-decoder", "VisionEncoderDecoderModel")
def vision_encoder_decoder(c: Config) -> Module:
    """The decoder says itself what is tied; between unequal widths stands a linear layer."""
    tokens = num_patches(c.encoder) + 1 if c.encoder.model_type == "vit" else None
    return module(
        encoder=part_of(c.encoder),
        decoder=reading_decoder(c, fixed_tokens=tokens),
        enc_to_dec_proj=between(c.encoder, c.decoder),
    )


@family("vit", "ViTModel")
def vit(c: Config) -> Module:
    """A vector for the whole picture, learned positions, and a layer that pools."""
    size, heads = c.hidden_size, c.num_attention_heads
    layer = module(
        attention=attention(size, heads, heads, c.head_dim, bias=c.get("qkv_bias", True), out_bias=True, cached=False),
        layernorm_before=layer_norm(size),
        layernorm_after=layer_norm(size),
        mlp=mlp(size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        embeddings=module(
            cls_token=Weight((1, 1, size)),
            patch_embeddings=module(
                projection=conv(size, c.num_channels, *height_and_width(c.patch_size, "patch_size"))
            ),
            position_embeddings=Weight((1, num_patches(c) + 1, size)),
        ),
        layers=repeat(c.num_hidden_layers, layer),
        layernorm=layer_norm(size),
        pooler=module(dense=linear(size, c.get("pooler_output_size") or size, bias=True)),
    )
