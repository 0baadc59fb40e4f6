"""BERT, and BERT Generation, which was made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import (
    bert_attention,
    bert_embeddings,
    bert_encoder,
    bert_predictions,
    bert_without_head,
    vocabulary_decoder,
    with_next_sentence_head,
)
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("bert", "BertLMHeadModel")
@family("bert", "BertForMaskedLM")
def bert(c: Config) -> Module:
    """The original."""
    return module(bert=module(embeddings=bert_embeddings(c), encoder=bert_encoder(c)), cls=bert_predictions(c))


@family("bert", "BertForPreTraining")
def bert_for_pretraining(c: Config) -> Module:
    """With the head that classifies whether one sentence follows another."""
    return with_next_sentence_head(bert(c), "bert", c)


@family("bert", "BertModel")
def bert_model(c: Config) -> Module:
    """Without a head."""
    return bert_without_head(c)


@family("bert", "JinaBertForMaskedLM")
@family("bert", "JinaBertModel")
def jina_bert(c: Config) -> Module:
    """Jina embeddings v2 (base: 137,368,320 parameters, as its page publishes): the files hold no head.

    Positions are slopes of heads, and feed-forward blocks are gated (`geglu`): both ways up are one matrix.
    """
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size
    feed_forward = module(
        gated_layers=linear(hidden_size, 2 * intermediate_size),
        wo=linear(intermediate_size, hidden_size, bias=True),
        layernorm=layer_norm(hidden_size),
    )
    layer = module(attention=bert_attention(c), mlp=feed_forward)
    return module(
        embeddings=bert_embeddings(c, position_embeddings=None),
        encoder=module(layer=repeat(c.num_hidden_layers, layer)),
        pooler=module(dense=linear(hidden_size, hidden_size, bias=True)),
    )


@family("bert-generation", "BertGenerationDecoder")
def bert_generation(c: Config) -> Module:
    """One kind of text, and a head of one layer."""
    embeddings = bert_embeddings(c, token_type_embeddings=None)
    return module(
        bert=module(embeddings=embeddings, encoder=bert_encoder(c)),
        lm_head=module(bias=Weight((c.vocab_size,), "bias"), decoder=vocabulary_decoder(c, c.hidden_size)),
    )
