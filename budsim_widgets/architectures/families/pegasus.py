"""Pegasus and Pegasus-X, BART's layers for summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import (
    PEGASUS,
    BartStyle,
    bart_decoder_layer,
    bart_decoder_only,
    bart_encoder_decoder,
    bart_encoder_layer,
    bart_joined,
    bart_side,
)
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm
from budsim_widgets.architectures.parts import extended, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("pegasus_x", "PegasusXForConditionalGeneration")
def pegasus_x(c: Config) -> Module:
    """Attention to blocks and to some global tokens, without biases."""
    style, shared = BartStyle(spare_positions=None, last_norm=True), c.tie_word_embeddings
    layer = extended(bart_encoder_layer(c, bias=False), {"global_self_attn_layer_norm": layer_norm(c.d_model)})
    encoder = bart_side(c, style, repeat(c.encoder_layers, layer), shared=shared)
    decoder = bart_side(c, style, repeat(c.decoder_layers, bart_decoder_layer(c, bias=False)), shared=shared)
    return bart_joined(c, extended(encoder, {"embed_global": embedding(c.num_global_tokens, c.d_model)}), decoder)


@family("pegasus", "PegasusForConditionalGeneration")
def pegasus(c: Config) -> Module:
    """A norm at the end, none behind the embedding."""
    return bart_encoder_decoder(c, PEGASUS)


@family("pegasus", "PegasusForCausalLM")
def pegasus_decoder(c: Config) -> Module:
    """The decoder alone."""
    return bart_decoder_only(c, PEGASUS)
