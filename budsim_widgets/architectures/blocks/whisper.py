"""Whisper's encoder, which many models use as an audio tower, and the frame around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bart import BART_PROJECTIONS, fairseq_layer
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.vision import VIT_PROJECTIONS, hidden_size_per_head, multimodal_model
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Stack


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


def whisper_like_layers(c: Config, *, key_bias: bool) -> Stack:
    """Whisper's encoder layers, whose keys may have a bias."""
    d_model, encoder_attention_heads = c.d_model, c.encoder_attention_heads
    layer = module(
        self_attn=attention(
            d_model,
            encoder_attention_heads,
            encoder_attention_heads,
            hidden_size_per_head(c),
            bias=True,
            key_bias=key_bias,
            names=VIT_PROJECTIONS,
            cached=False,
        ),
        self_attn_layer_norm=layer_norm(d_model),
        fc1=linear(d_model, c.encoder_ffn_dim, bias=True),
        fc2=linear(c.encoder_ffn_dim, d_model, bias=True),
        final_layer_norm=layer_norm(d_model),
    )
    return repeat(c.encoder_layers, layer)


def audio_language_model(c: Config, projector: Module, *, tied: bool) -> Module:
    """An audio tower, a projector and a language model."""
    return multimodal_model(c, tied=tied, audio_tower=part_of(c.audio_config), multi_modal_projector=projector)
