"""LayoutLM: BERT with positions on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder, bert_predictions
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("layoutlm", "LayoutLMForMaskedLM")
def layoutlm(c: Config) -> Module:
    """Positions on the page beside those in the text."""
    places = embedding(c.max_2d_position_embeddings, c.hidden_size)
    embeddings = bert_embeddings(
        c,
        x_position_embeddings=places,
        y_position_embeddings=places,
        h_position_embeddings=places,
        w_position_embeddings=places,
    )
    pooler = module(dense=linear(c.hidden_size, c.hidden_size, bias=True))
    return module(
        layoutlm=module(embeddings=embeddings, encoder=bert_encoder(c), pooler=pooler), cls=bert_predictions(c)
    )
