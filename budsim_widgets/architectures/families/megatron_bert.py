"""Megatron-BERT: BERT with norms in front of the blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import (
    bert_embeddings,
    bert_predictions,
    encoder_of_layers,
    pre_norm_bert_layer,
)
from budsim_widgets.architectures.blocks.layers import layer_norm
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("megatron-bert", "MegatronBertForCausalLM")
@family("megatron-bert", "MegatronBertForMaskedLM")
def megatron_bert(c: Config) -> Module:
    """The norms are called `ln`, the embedding has none."""
    layer = pre_norm_bert_layer(c, attention_norm="ln", feed_forward_norm="ln")
    return module(
        bert=module(
            embeddings=bert_embeddings(c, LayerNorm=None),
            encoder=encoder_of_layers(c, layer, ln=layer_norm(c.hidden_size)),
        ),
        cls=bert_predictions(c),
    )
