"""Longformer: attention to windows and to global tokens, in RoBERTa, and in BART (LED)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import (
    BartStyle,
    bart_decoder_layer,
    bart_encoder_layer,
    bart_joined,
    bart_side,
)
from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer, query_key_value, roberta_lm_head
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.parts import extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_LED = BartStyle(spare_positions=None, embedding_norm=True)


@family("longformer", "LongformerForMaskedLM")
def longformer(c: Config) -> Module:
    """RoBERTa with windows."""
    layer = extended_at(bert_layer(c), "attention", {"self": _local_and_global(c.hidden_size)})
    encoder = module(layer=repeat(c.num_hidden_layers, layer))
    return module(longformer=module(embeddings=bert_embeddings(c), encoder=encoder), lm_head=roberta_lm_head(c))


@family("led", "LEDForConditionalGeneration")
def led(c: Config) -> Module:
    """BART whose encoder has Longformer's attention."""
    d_model, shared = c.d_model, c.tie_word_embeddings
    self_attn = module(longformer_self_attn=_local_and_global(d_model), output=linear(d_model, d_model, bias=True))
    encoder = bart_side(c, _LED, repeat(c.encoder_layers, bart_encoder_layer(c, self_attn)), shared=shared)
    decoder = bart_side(c, _LED, repeat(c.decoder_layers, bart_decoder_layer(c)), shared=shared)
    return bart_joined(
        c,
        extended(encoder, {"embed_positions": embedding(c.max_encoder_position_embeddings, d_model)}),
        extended(decoder, {"embed_positions": embedding(c.max_decoder_position_embeddings, d_model)}),
        base="led",
    )


def _local_and_global(hidden_size: int) -> Module:
    """Projections for the window around a token, and others for the tokens with global attention."""
    local = query_key_value(hidden_size)
    return module({**local, **{f"{name}_global": part for name, part in local.items()}})
