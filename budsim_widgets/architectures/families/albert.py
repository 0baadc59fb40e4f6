"""ALBERT: BERT whose layers share their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bert import bert_embeddings
from budsim_widgets.architectures.blocks.layers import layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("albert", "AlbertForMaskedLM")
def albert(c: Config) -> Module:
    """All layers of a group are the same weights; the embedding is narrower than the layers."""
    hidden_size, embedding_size, num_attention_heads = c.hidden_size, c.embedding_size, c.num_attention_heads
    names = ("query", "key", "value", "dense")
    layer = module(
        full_layer_layer_norm=layer_norm(hidden_size),
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            names=names,
            cached=False,
            LayerNorm=layer_norm(hidden_size),
        ),
        ffn=linear(hidden_size, c.intermediate_size, bias=True),
        ffn_output=linear(c.intermediate_size, hidden_size, bias=True),
    )
    group = module(albert_layers=repeat(c.inner_group_num, layer))
    return module(
        albert=module(
            embeddings=bert_embeddings(c, embedding_size=embedding_size),
            encoder=module(
                embedding_hidden_mapping_in=linear(embedding_size, hidden_size, bias=True),
                albert_layer_groups=repeat(c.num_hidden_groups, group),
            ),
        ),
        predictions=module(
            bias=Weight((c.vocab_size,), "bias"),
            LayerNorm=layer_norm(embedding_size),
            dense=linear(hidden_size, embedding_size, bias=True),
            decoder=None if c.tie_word_embeddings else linear(embedding_size, c.vocab_size, bias=True, role="head"),
        ),
    )
