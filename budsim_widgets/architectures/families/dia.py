"""Dia: an encoder of letters, and a decoder of several channels of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, fused_gated_mlp, linear, rms_norm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("dia", "DiaForConditionalGeneration")
def dia(c: Config) -> Module:
    """Letters in, several channels of sound at once out."""
    encoder, decoder = c.encoder_config, c.decoder_config
    rows = decoder.vocab_size * decoder.num_channels
    return module(
        model=module(
            encoder=module(
                embedding=embedding(encoder.vocab_size, encoder.hidden_size),
                layers=repeat(encoder.num_hidden_layers, _encoder_layer(encoder)),
                norm=rms_norm(encoder.hidden_size),
            ),
            decoder=module(
                embeddings=module(embed=embedding(rows, decoder.hidden_size)),
                layers=repeat(decoder.num_hidden_layers, _decoder_layer(decoder)),
                norm=rms_norm(decoder.hidden_size),
            ),
        ),
        logits_dense=linear(decoder.hidden_size, rows, role="head"),
    )


def _encoder_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        pre_sa_norm=rms_norm(hidden_size),
        self_attention=attention(hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, cached=False),
        post_sa_norm=rms_norm(hidden_size),
        mlp=fused_gated_mlp(hidden_size, c.intermediate_size),
    )


def _decoder_layer(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        self_attention=attention(hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim),
        cross_attention=cross_attention(
            hidden_size,
            c.cross_num_attention_heads,
            c.cross_head_dim,
            num_key_value_heads=c.cross_num_key_value_heads,
            source_hidden_size=c.cross_hidden_size,
        ),
        pre_sa_norm=rms_norm(hidden_size),
        pre_ca_norm=rms_norm(hidden_size),
        pre_mlp_norm=rms_norm(hidden_size),
        mlp=fused_gated_mlp(hidden_size, c.intermediate_size),
    )
