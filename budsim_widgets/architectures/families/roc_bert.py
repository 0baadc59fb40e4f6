"""RoCBert: BERT with embeddings of a character's sound and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_encoder, bert_predictions
from budsim_widgets.architectures.blocks.layers import embedding, linear
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("roc_bert", "RoCBertForCausalLM")
@family("roc_bert", "RoCBertForMaskedLM")
def roc_bert(c: Config) -> Module:
    """Embeddings of pronunciation and of shape beside those of the tokens."""
    hidden_size, pronunciation_embed_dim, shape_embed_dim = c.hidden_size, c.pronunciation_embed_dim, c.shape_embed_dim
    joined = (
        hidden_size + pronunciation_embed_dim * bool(c.enable_pronunciation) + shape_embed_dim * bool(c.enable_shape)
    )
    embeddings = bert_embeddings(
        c,
        pronunciation_embed=embedding(c.pronunciation_vocab_size, pronunciation_embed_dim),
        shape_embed=embedding(c.shape_vocab_size, shape_embed_dim),
        map_inputs_layer=linear(joined, hidden_size, bias=True) if c.concat_input else None,
    )
    return module(roc_bert=module(embeddings=embeddings, encoder=bert_encoder(c)), cls=bert_predictions(c))
