"""Whisper: two convolutions and an encoder hear 30 seconds, a decoder writes them down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config

_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


@family("whisper", "WhisperForConditionalGeneration", kind="encoder-decoder")
def whisper(c: Config) -> Module:
    """The encoder always yields `max_source_positions` tokens, whatever is heard."""
    return module(model=module(encoder=whisper_encoder(c), decoder=_decoder(c, alone=False)), proj_out=head(c))


@family("whisper", "WhisperForCausalLM")
def whisper_decoder(c: Config) -> Module:
    """The decoder alone."""
    return module(model=module(decoder=_decoder(c, alone=True)), proj_out=head(c))


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
        names=_PROJECTIONS,
        cached=False,
    )
    return module(
        conv1=conv(d_model, c.num_mel_bins, 3),
        conv2=conv(d_model, d_model, 3),
        embed_positions=embedding(c.max_source_positions, d_model),
        layers=repeat(c.encoder_layers, _layer(d_model, c.encoder_ffn_dim, self_attn)),
        layer_norm=layer_norm(d_model),
    )


def _decoder(c: Config, *, alone: bool) -> Module:
    d_model, decoder_attention_heads = c.d_model, c.decoder_attention_heads
    self_attn = attention(
        d_model,
        decoder_attention_heads,
        decoder_attention_heads,
        d_model // decoder_attention_heads,
        bias=True,
        key_bias=False,
        names=_PROJECTIONS,
    )
    crossing = cross_attention(
        d_model,
        decoder_attention_heads,
        d_model // decoder_attention_heads,
        bias=True,
        key_bias=False,
        names=_PROJECTIONS,
        fixed_tokens=c.max_source_positions,
        cached=not alone,
    )
    layer = _layer(
        d_model, c.decoder_ffn_dim, self_attn, encoder_attn=crossing, encoder_attn_layer_norm=layer_norm(d_model)
    )
    return module(
        embed_tokens=embedding(c.vocab_size, d_model),
        embed_positions=embedding(c.max_target_positions, d_model),
        layers=repeat(c.decoder_layers, layer),
        layer_norm=layer_norm(d_model),
    )


def _layer(hidden_size: int, intermediate_size: int, self_attn: Module, **crossing: Module) -> Module:
    return module(
        {
            "self_attn": self_attn,
            "self_attn_layer_norm": layer_norm(hidden_size),
            **crossing,
            "fc1": linear(hidden_size, intermediate_size, bias=True),
            "fc2": linear(intermediate_size, hidden_size, bias=True),
            "final_layer_norm": layer_norm(hidden_size),
        }
    )
