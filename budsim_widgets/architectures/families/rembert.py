"""RemBERT: BERT with a narrow embedding for input and a wide one for output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("rembert", "RemBertForCausalLM")
@family("rembert", "RemBertForMaskedLM")
def rembert(c: Config) -> Module:
    """A narrow embedding going in, a wide one coming out."""
    input_embedding_size, output_embedding_size = c.input_embedding_size, c.get("output_embedding_size", 1664)
    return module(
        rembert=module(
            embeddings=bert_embeddings(c, embedding_size=input_embedding_size),
            encoder=bert_encoder(c, embedding_hidden_mapping_in=linear(input_embedding_size, c.hidden_size, bias=True)),
        ),
        cls=module(
            predictions=module(
                dense=linear(c.hidden_size, output_embedding_size, bias=True),
                decoder=linear(output_embedding_size, c.vocab_size, bias=True, role="head"),
                LayerNorm=layer_norm(output_embedding_size),
            )
        ),
    )
