"""TAPAS: BERT with positions in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder, bert_pooler, bert_predictions
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.labels import num_labels
from budsim_widgets.architectures.parts import Weight, extended, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("tapas", "TapasForMaskedLM")
def tapas(c: Config) -> Module:
    """The head of BERT."""
    return module(tapas=_without_pooler(c), cls=bert_predictions(c))


@family("tapas", "TapasModel")
def tapas_model(c: Config) -> Module:
    """BERT's pooler behind the first token's vector."""
    return extended(_without_pooler(c), {"pooler": bert_pooler(c)})


@family("tapas", "TapasForSequenceClassification")
def tapas_classifier(c: Config) -> Module:
    """A score for each label."""
    return module(tapas=tapas_model(c), classifier=linear(c.hidden_size, num_labels(c.fields), bias=True, role="head"))


@family("tapas", "TapasForQuestionAnswering")
def tapas_answers(c: Config) -> Module:
    """Scores for cells and columns, and for what is done with the cells (sum, average …), where that is asked for."""
    hidden_size, num_aggregation_labels = c.hidden_size, c.num_aggregation_labels
    aggregation = linear(hidden_size, num_aggregation_labels, bias=True) if num_aggregation_labels > 0 else None
    return module(
        tapas=tapas_model(c),
        output_weights=Weight((hidden_size,)),
        column_output_weights=Weight((hidden_size,)),
        output_bias=Weight((), "bias"),
        column_output_bias=Weight((), "bias"),
        aggregation_classifier=aggregation,
    )


def _without_pooler(c: Config) -> Module:
    """Embeddings of a word's row and column in a table, and further ones."""
    kinds = {
        f"token_type_embeddings_{index}": embedding(rows, c.hidden_size)
        for index, rows in enumerate(c.type_vocab_sizes)
    }
    return module(embeddings=bert_embeddings(c, kinds), encoder=bert_encoder(c))
