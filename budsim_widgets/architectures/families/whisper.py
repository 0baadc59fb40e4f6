"""Whisper: an encoder of 30 seconds of sound, and a decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.bart import BART_PROJECTIONS, fairseq_layer
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.whisper import whisper_encoder
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("whisper", "WhisperForConditionalGeneration", kind="encoder-decoder")
def whisper(c: Config) -> Module:
    """The encoder always yields `max_source_positions` tokens."""
    return module(model=module(encoder=whisper_encoder(c), decoder=_decoder(c, decoder_only=False)), proj_out=head(c))


@family("whisper", "WhisperForCausalLM")
def whisper_decoder(c: Config) -> Module:
    """The decoder alone."""
    return module(model=module(decoder=_decoder(c, decoder_only=True)), proj_out=head(c))


@family("whisper", "WhisperForAudioClassification")
def whisper_classifier(c: Config) -> Module:
    """The encoder alone, whose vectors are averaged; its layers may be weighed."""
    proj_size = c.get("classifier_proj_size", 256)
    weighed = c.get("use_weighted_layer_sum", False)
    return module(
        encoder=whisper_encoder(c),
        layer_weights=Weight((c.get("num_hidden_layers", c.encoder_layers) + 1,)) if weighed else None,
        projector=linear(c.d_model, proj_size, bias=True),
        classifier=linear(proj_size, num_labels(c.fields), bias=True),
    )


def _decoder(c: Config, *, decoder_only: bool) -> Module:
    d_model, decoder_attention_heads = c.d_model, c.decoder_attention_heads
    self_attn = attention(
        d_model,
        decoder_attention_heads,
        decoder_attention_heads,
        d_model // decoder_attention_heads,
        bias=True,
        key_bias=False,
        names=BART_PROJECTIONS,
    )
    cross_attn = cross_attention(
        d_model,
        decoder_attention_heads,
        d_model // decoder_attention_heads,
        bias=True,
        key_bias=False,
        names=BART_PROJECTIONS,
        fixed_tokens=c.max_source_positions,
        cached=not decoder_only,
    )
    layer = fairseq_layer(
        d_model, c.decoder_ffn_dim, self_attn, encoder_attn=cross_attn, encoder_attn_layer_norm=layer_norm(d_model)
    )
    return module(
        embed_tokens=embedding(c.vocab_size, d_model),
        embed_positions=embedding(c.max_target_positions, d_model),
        layers=repeat(c.decoder_layers, layer),
        layer_norm=layer_norm(d_model),
    )
