"""BigBird: attention to windows, to global and to random tokens, in BERT and in Pegasus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bart import (
    BartStyle,
    bart_decoder_layer,
    bart_encoder_layer,
    bart_joined,
    bart_side,
)
from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer, bert_predictions, query_key_value
from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_BIGBIRD = BartStyle(embedding_norm=True)


@family("big_bird", "BigBirdForCausalLM")
@family("big_bird", "BigBirdForMaskedLM")
def big_bird(c: Config) -> Module:
    """BERT that attends to windows, to global and to random tokens."""
    hidden_size = c.hidden_size
    layer = extended_at(bert_layer(c), "attention.self", query_key_value(hidden_size, bias=c.use_bias))
    if "crossattention" in layer.children:
        layer = extended_at(layer, "crossattention.self", query_key_value(hidden_size, bias=c.use_bias))
    encoder = module(layer=repeat(c.num_hidden_layers, layer))
    pooler = linear(hidden_size, hidden_size, bias=True)
    return module(bert=module(embeddings=bert_embeddings(c), encoder=encoder, pooler=pooler), cls=bert_predictions(c))


@family("bigbird_pegasus", "BigBirdPegasusForConditionalGeneration")
def bigbird_pegasus(c: Config) -> Module:
    """Pegasus whose encoder has BigBird's attention."""
    d_model, bias, shared = c.d_model, c.use_bias, c.tie_word_embeddings
    self_attn = module(
        {"self": module(query_key_value(d_model, bias=bias)), "output": linear(d_model, d_model, bias=bias)}
    )
    return bart_joined(
        c,
        bart_side(c, _BIGBIRD, repeat(c.encoder_layers, bart_encoder_layer(c, self_attn)), shared=shared),
        bart_side(c, _BIGBIRD, repeat(c.decoder_layers, bart_decoder_layer(c, bias=bias)), shared=shared),
    )


@family("bigbird_pegasus", "BigBirdPegasusForCausalLM")
def bigbird_pegasus_decoder(c: Config) -> Module:
    """The decoder alone, whose head is never tied."""
    layer = bart_decoder_layer(c, bias=c.use_bias, decoder_only=True)
    decoder = bart_side(c, _BIGBIRD, repeat(c.decoder_layers, layer), shared=False)
    return module(model=module(decoder=decoder), lm_head=head(c, tied=False))
