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
    size, heads = c.d_model, c.encoder_attention_heads
    self_attn = attention(
        size, heads, heads, size // heads, bias=True, key_bias=False, names=_PROJECTIONS, cached=False
    )
    return module(
        conv1=conv(size, c.num_mel_bins, 3),
        conv2=conv(size, size, 3),
        embed_positions=embedding(c.max_source_positions, size),
        layers=repeat(c.encoder_layers, _layer(size, c.encoder_ffn_dim, self_attn)),
        layer_norm=layer_norm(size),
    )


def _decoder(c: Config, *, alone: bool) -> Module:
    size, heads = c.d_model, c.decoder_attention_heads
    self_attn = attention(size, heads, heads, size // heads, bias=True, key_bias=False, names=_PROJECTIONS)
    crossing = cross_attention(
        size,
        heads,
        size // heads,
        bias=True,
        key_bias=False,
        names=_PROJECTIONS,
        fixed_tokens=c.max_source_positions,
        cached=not alone,
    )
    layer = _layer(size, c.decoder_ffn_dim, self_attn, encoder_attn=crossing, encoder_attn_layer_norm=layer_norm(size))
    return module(
        embed_tokens=embedding(c.vocab_size, size),
        embed_positions=embedding(c.max_target_positions, size),
        layers=repeat(c.decoder_layers, layer),
        layer_norm=layer_norm(size),
    )


def _layer(size: int, hidden: int, self_attn: Module, **crossing: Module) -> Module:
    return module(
        {
            "self_attn": self_attn,
            "self_attn_layer_norm": layer_norm(size),
            **crossing,
            "fc1": linear(size, hidden, bias=True),
            "fc2": linear(hidden, size, bias=True),
            "final_layer_norm": layer_norm(size),
        }
    )
