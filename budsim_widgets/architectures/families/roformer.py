"""RoFormer: BERT with rotary positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder, bert_predictions
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("roformer", "RoFormerForCausalLM")
@family("roformer", "RoFormerForMaskedLM")
def roformer(c: Config) -> Module:
    """A fixed table of rotary positions; the embedding may be narrower than the layers."""
    embedding_size = c.get("embedding_size", c.hidden_size)
    return module(
        roformer=module(
            embeddings=bert_embeddings(c, embedding_size=embedding_size, position_embeddings=None),
            embeddings_project=linear(embedding_size, c.hidden_size, bias=True)
            if embedding_size != c.hidden_size
            else None,
            encoder=bert_encoder(
                c, embed_positions=embedding(c.max_position_embeddings, c.hidden_size // c.num_attention_heads)
            ),
        ),
        cls=bert_predictions(c, embedding_size=embedding_size),
    )
