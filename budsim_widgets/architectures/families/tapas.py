"""TAPAS: BERT with positions in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder, bert_predictions
from budsim_widgets.architectures.blocks.layers import embedding
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("tapas", "TapasForMaskedLM")
def tapas(c: Config) -> Module:
    """Embeddings of a word's row and column in a table, and further ones."""
    kinds = {
        f"token_type_embeddings_{index}": embedding(rows, c.hidden_size)
        for index, rows in enumerate(c.type_vocab_sizes)
    }
    embeddings = bert_embeddings(c, kinds)
    return module(tapas=module(embeddings=embeddings, encoder=bert_encoder(c)), cls=bert_predictions(c))
