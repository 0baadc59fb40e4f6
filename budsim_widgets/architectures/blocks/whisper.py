"""Whisper's encoder, which many models use as an audio tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bart import BART_PROJECTIONS, fairseq_layer
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def whisper_encoder(c: Config) -> Module:
    """Spectrogram in, `max_source_positions` tokens out."""
    d_model, encoder_attention_heads = c.d_model, c.encoder_attention_heads
    self_attn = attention(
        d_model,
        encoder_attention_heads,
        encoder_attention_heads,
        d_model // encoder_attention_heads,
        bias=True,
        key_bias=False,
        names=BART_PROJECTIONS,
        cached=False,
    )
    return module(
        conv1=conv(d_model, c.num_mel_bins, 3),
        conv2=conv(d_model, d_model, 3),
        embed_positions=embedding(c.max_source_positions, d_model),
        layers=repeat(c.encoder_layers, fairseq_layer(d_model, c.encoder_ffn_dim, self_attn)),
        layer_norm=layer_norm(d_model),
    )
