"""Nomic BERT: an encoder with rotary positions, gated feed-forward blocks and no biases in its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import rotary_bert_model
from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("nomic_bert", "NomicBertForMaskedLM")
def nomic_bert(c: Config) -> Module:
    """A gated feed-forward block, and no bias in the layers."""
    hidden_size = c.hidden_size
    tied = c.get("tie_word_embeddings", True)
    return module(
        nomic_bert=rotary_bert_model(c, gated_mlp(hidden_size, c.intermediate_size), bias=False),
        cls=module(
            predictions=module(
                bias=Weight((c.vocab_size,), "bias"),
                transform=module(dense=linear(hidden_size, hidden_size, bias=True), layer_norm=layer_norm(hidden_size)),
                decoder=None if tied else linear(hidden_size, c.vocab_size, bias=True, role="head"),
            )
        ),
    )
