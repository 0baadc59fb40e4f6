"""GTE: an encoder with rotary positions and gated feed-forward blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import rotary_bert_model
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear
from budsim_widgets.architectures.parts import extended, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gte", "GteForMaskedLM")
def gte(c: Config) -> Module:
    """A gated feed-forward block, with a bias on its way down."""
    hidden_size, intermediate_size = c.hidden_size, c.intermediate_size
    feed_forward = extended(
        gated_mlp(hidden_size, intermediate_size), {"down_proj": linear(intermediate_size, hidden_size, bias=True)}
    )
    kinds = embedding(c.type_vocab_size, hidden_size) if c.get("type_vocab_size") else None
    scores = linear(hidden_size, c.vocab_size, bias=True, role="head")
    return module(
        gte=rotary_bert_model(c, feed_forward, bias=True, token_type_embeddings=kinds),
        lm_head=module(
            dense=linear(hidden_size, hidden_size, bias=True),
            layer_norm=layer_norm(hidden_size),
            decoder=module(bias=scores.children["bias"]) if c.tie_word_embeddings else scores,
        ),
    )
