"""LUKE: RoBERTa of words and entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("luke", "LukeForMaskedLM")
def luke(c: Config) -> Module:
    """Words and entities, with queries of their own; the head is tied for the entities alone."""
    hidden_size, entity_emb_size = c.hidden_size, c.entity_emb_size
    positions = bert_embeddings(c, word_embeddings=None)
    entities = extended(
        positions,
        {
            "entity_embeddings": embedding(c.entity_vocab_size, entity_emb_size),
            "entity_embedding_dense": linear(entity_emb_size, hidden_size) if entity_emb_size != hidden_size else None,
        },
    )
    return module(
        luke=module(
            embeddings=bert_embeddings(c),
            entity_embeddings=entities,
            encoder=module(layer=repeat(c.num_hidden_layers, _layer(c))),
            pooler=module(dense=linear(hidden_size, hidden_size, bias=True)),
        ),
        lm_head=_head(c),
        entity_predictions=module(
            bias=Weight((c.entity_vocab_size,), "bias"),
            transform=module(
                dense=linear(hidden_size, entity_emb_size, bias=True), LayerNorm=layer_norm(entity_emb_size)
            ),
            decoder=None if c.tie_word_embeddings else linear(entity_emb_size, c.entity_vocab_size, role="head"),
        ),
    )


def _layer(c: Config) -> Module:
    usual = bert_layer(c)
    if not c.use_entity_aware_attention:
        return usual
    query = linear(c.hidden_size, c.hidden_size, bias=True)
    return extended_at(usual, "attention.self", {"w2e_query": query, "e2w_query": query, "e2e_query": query})


def _head(c: Config) -> Module:
    """The words' head has a matrix of its own; tied is only its bias, which stands in it twice."""
    hidden_size = c.hidden_size
    return module(
        bias=Weight((c.vocab_size,), "bias"),
        dense=linear(hidden_size, hidden_size, bias=True),
        layer_norm=layer_norm(hidden_size),
        decoder=linear(hidden_size, c.vocab_size, bias=not c.tie_word_embeddings, role="head"),
    )
