"""Encoders that know more of a text than its order: its place on a page, its table cells, its entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.families.bert import bert_embeddings, bert_encoder, bert_layer, lm_head, predictions
from budsim_widgets.architectures.parts import Module, Weight, extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("layoutlm", "LayoutLMForMaskedLM")
def layoutlm(c: Config) -> Module:
    """Knows where on the page a word stands."""
    places = embedding(c.max_2d_position_embeddings, c.hidden_size)
    embeddings = bert_embeddings(
        c,
        x_position_embeddings=places,
        y_position_embeddings=places,
        h_position_embeddings=places,
        w_position_embeddings=places,
    )
    pooler = module(dense=linear(c.hidden_size, c.hidden_size, bias=True))
    return module(layoutlm=module(embeddings=embeddings, encoder=bert_encoder(c), pooler=pooler), cls=predictions(c))


@family("tapas", "TapasForMaskedLM")
def tapas(c: Config) -> Module:
    """Knows in which row and column of a table a word stands, and more of the kind."""
    kinds = {
        f"token_type_embeddings_{index}": embedding(rows, c.hidden_size)
        for index, rows in enumerate(c.type_vocab_sizes)
    }
    embeddings = bert_embeddings(c, kinds)
    return module(tapas=module(embeddings=embeddings, encoder=bert_encoder(c)), cls=predictions(c))


@family("luke", "LukeForMaskedLM")
def luke(c: Config) -> Module:
    """Reads words and entities, with queries of their own; its head is tied for the entities alone."""
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
            encoder=module(layer=repeat(c.num_hidden_layers, _luke_layer(c))),
            pooler=module(dense=linear(hidden_size, hidden_size, bias=True)),
        ),
        lm_head=_luke_head(c),
        entity_predictions=module(
            bias=Weight((c.entity_vocab_size,), "bias"),
            transform=module(
                dense=linear(hidden_size, entity_emb_size, bias=True), LayerNorm=layer_norm(entity_emb_size)
            ),
            decoder=None if c.tie_word_embeddings else linear(entity_emb_size, c.entity_vocab_size, role="head"),
        ),
    )


def _luke_layer(c: Config) -> Module:
    usual = bert_layer(c)
    if not c.use_entity_aware_attention:
        return usual
    query = linear(c.hidden_size, c.hidden_size, bias=True)
    return extended_at(usual, "attention.self", {"w2e_query": query, "e2w_query": query, "e2e_query": query})


def _luke_head(c: Config) -> Module:
    """The words' head has a matrix of its own; tied is only its bias, which stands in it twice."""
    hidden_size = c.hidden_size
    return module(
        bias=Weight((c.vocab_size,), "bias"),
        dense=linear(hidden_size, hidden_size, bias=True),
        layer_norm=layer_norm(hidden_size),
        decoder=linear(hidden_size, c.vocab_size, bias=not c.tie_word_embeddings, role="head"),
    )


@family("mpnet", "MPNetForMaskedLM")
def mpnet(c: Config) -> Module:
    """Relative positions besides the learned ones, known to all layers."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    attend = attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        bias=True,
        names=("q", "k", "v", "o"),
        cached=False,
    )
    layer = extended(bert_layer(c), {"attention": module(attn=attend, LayerNorm=layer_norm(hidden_size))})
    return module(
        mpnet=module(
            embeddings=bert_embeddings(c, token_type_embeddings=None),
            encoder=module(
                layer=repeat(c.num_hidden_layers, layer),
                relative_attention_bias=embedding(c.relative_attention_num_buckets, num_attention_heads),
            ),
        ),
        lm_head=lm_head(c),
    )
