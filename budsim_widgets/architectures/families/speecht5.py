"""SpeechT5 for speech to text: Wav2Vec2's encoder and a decoder of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import bart_attention, bart_cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.blocks.wav2vec2 import (
    WAV2VEC2_FEED_FORWARD,
    feature_extractor,
    feature_projection,
    masked_spec_embed,
    positional_convolution,
    wav2vec2_layer,
)
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("speecht5", "SpeechT5ForSpeechToText")
def speecht5(c: Config) -> Module:
    """Wav2Vec2's convolutions and layers as an encoder, and a decoder of text."""
    hidden_size, decoder_attention_heads = c.hidden_size, c.decoder_attention_heads
    layer = module(
        self_attn=bart_attention(hidden_size, decoder_attention_heads),
        self_attn_layer_norm=layer_norm(hidden_size),
        encoder_attn=bart_cross_attention(hidden_size, decoder_attention_heads),
        encoder_attn_layer_norm=layer_norm(hidden_size),
        feed_forward=mlp(hidden_size, c.decoder_ffn_dim, names=WAV2VEC2_FEED_FORWARD),
        final_layer_norm=layer_norm(hidden_size),
    )
    return module(
        speecht5=module(
            encoder=_encoder(c),
            decoder=module(
                prenet=module(embed_tokens=embedding(c.vocab_size, hidden_size)),
                wrapped_decoder=module(layers=repeat(c.decoder_layers, layer)),
            ),
        ),
        text_decoder_postnet=module(lm_head=head(c)),
    )


def _encoder(c: Config) -> Module:
    hidden_size, encoder_attention_heads = c.hidden_size, c.encoder_attention_heads
    prenet = module(
        masked_spec_embed=masked_spec_embed(c),
        feature_encoder=feature_extractor(c),
        feature_projection=feature_projection(c),
        pos_conv_embed=positional_convolution(c),
    )
    wrapped = module(
        layer_norm=layer_norm(hidden_size),
        layers=repeat(c.encoder_layers, wav2vec2_layer(c, encoder_attention_heads, c.encoder_ffn_dim)),
        embed_positions=module(
            pe_k=embedding(2 * c.encoder_max_relative_position, hidden_size // encoder_attention_heads)
        ),
    )
    return module(prenet=prenet, wrapped_encoder=wrapped)
