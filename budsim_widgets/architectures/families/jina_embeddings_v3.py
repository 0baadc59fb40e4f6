"""Jina embeddings 3: RoBERTa with rotary positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import roberta_lm_head, rotary_bert_model
from budsim_widgets.architectures.blocks.layers import mlp
from budsim_widgets.architectures.parts import Weight, extended, extended_at, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("jina_embeddings_v3", "JinaEmbeddingsV3ForMaskedLM")
def jina_embeddings_v3(c: Config) -> Module:
    """RoBERTa whose head is built first: where the two are tied, the table bears the head's name."""
    hidden_size = c.hidden_size
    table = module(weight=Weight((c.vocab_size, hidden_size), "embedding"))
    base = rotary_bert_model(c, mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")), bias=True)
    if not c.tie_word_embeddings:
        return module(lm_head=roberta_lm_head(c), roberta=base)
    return module(
        lm_head=extended(roberta_lm_head(c), {"decoder": table}),
        roberta=extended_at(base, "embeddings", {"word_embeddings": None}),
    )
