"""ERNIE 1 to 3: BERT with an embedding of the task that a text belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import (
    bert_embeddings,
    bert_encoder,
    bert_predictions,
    with_next_sentence_head,
)
from budsim_widgets.architectures.blocks.layers import embedding
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("ernie", "ErnieForCausalLM")
@family("ernie", "ErnieForMaskedLM")
def ernie(c: Config) -> Module:
    """An embedding of the task beside those of tokens and positions."""
    tasks = embedding(c.task_type_vocab_size, c.hidden_size) if c.use_task_id else None
    embeddings = bert_embeddings(c, task_type_embeddings=tasks)
    return module(ernie=module(embeddings=embeddings, encoder=bert_encoder(c)), cls=bert_predictions(c))


@family("ernie", "ErnieForPreTraining")
def ernie_for_pretraining(c: Config) -> Module:
    """With the head that classifies whether one sentence follows another."""
    return with_next_sentence_head(ernie(c), "ernie", c)
