"""ELECTRA: BERT with a narrower embedding and a head of the same dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("electra", "ElectraForCausalLM")
@family("electra", "ElectraForMaskedLM")
def electra(c: Config) -> Module:
    """A narrower embedding, and a head of that width."""
    embedding_size = c.embedding_size
    return module(
        electra=module(
            embeddings=bert_embeddings(c, embedding_size=embedding_size),
            embeddings_project=linear(embedding_size, c.hidden_size, bias=True)
            if embedding_size != c.hidden_size
            else None,
            encoder=bert_encoder(c),
        ),
        generator_predictions=module(
            LayerNorm=layer_norm(embedding_size), dense=linear(c.hidden_size, embedding_size, bias=True)
        ),
        generator_lm_head=module(
            weight=None if c.tie_word_embeddings else Weight((c.vocab_size, embedding_size), "head"),
            bias=Weight((c.vocab_size,), "bias"),
        ),
    )
