"""DeepSeek-OCR 2: Segment Anything, Qwen's layers that turn its patches into a few vectors, and DeepSeek's experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import given_layer_types, pre_norm_layer
from budsim_widgets.architectures.blocks.moe_decoder import moe_text_decoder
from budsim_widgets.architectures.blocks.sam import sam_encoder, sam_halving
from budsim_widgets.architectures.blocks.vision import hidden_size_per_head, is_tied_at_top, multimodal_model
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_QUERIES = {"query_768_resolution": 12 * 12, "query_1024_resolution": 16 * 16}
"""Learned vectors for each of the two sizes of pictures."""


@family("deepseek_ocr2", "DeepseekOcr2ForConditionalGeneration", kind="multimodal")
def deepseek_ocr2(c: Config) -> Module:
    """The top level ties the head."""
    text_hidden_size = c.text_config.hidden_size
    return multimodal_model(
        c,
        tied=is_tied_at_top(c),
        vision_tower=_tower(c.vision_config),
        multi_modal_projector=linear(c.vision_config.encoder_config.hidden_size, text_hidden_size, bias=True),
        view_separator=Weight((text_hidden_size,)),
    )


@family("deepseek_ocr2_text", "DeepseekOcr2TextModel")
def deepseek_ocr2_text(c: Config) -> Module:
    """Its class has no default for which layers have experts."""
    if given_layer_types(c, "dense", "sparse", name="mlp_layer_types") is None:
        message = "The text's config doesn't say which layers have experts (`mlp_layer_types`)."
        raise ConfigError("MISSING_FIELD", message, field="mlp_layer_types", missing_fields=("mlp_layer_types",))
    return moe_text_decoder(c)


def _tower(c: Config) -> Module:
    """Learned queries stand behind the patches, and both pass through the layers."""
    sam, encoder = c.sam_config, c.encoder_config
    hidden_size, num_attention_heads = encoder.hidden_size, encoder.num_attention_heads
    first, last = sam.get("downsample_channels", (512, 896))[:2]
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        encoder.num_key_value_heads,
        encoder.head_dim if "head_dim" in encoder else hidden_size_per_head(encoder),
        bias=True,
        out_bias=False,
        cached=False,
    )
    layer = pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, encoder.intermediate_size))
    return module(
        {name: embedding(rows, hidden_size) for name, rows in _QUERIES.items()},
        sam_encoder=extended(sam_encoder(sam), {"proj": sam_halving(sam.get("output_channels", 256), first, last)}),
        vision_encoder=module(layers=repeat(encoder.num_hidden_layers, layer), norm=rms_norm(hidden_size)),
    )
