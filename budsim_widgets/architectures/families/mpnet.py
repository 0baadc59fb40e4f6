"""MPNet: BERT with relative positions besides the learned ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bert import bert_embeddings, bert_layer, roberta_lm_head
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm
from budsim_widgets.architectures.parts import extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mpnet", "MPNetForMaskedLM")
def mpnet(c: Config) -> Module:
    """Relative positions besides the learned ones, known to all layers."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    self_attn = attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        hidden_size // num_attention_heads,
        bias=True,
        names=("q", "k", "v", "o"),
        cached=False,
    )
    layer = extended(bert_layer(c), {"attention": module(attn=self_attn, LayerNorm=layer_norm(hidden_size))})
    return module(
        mpnet=module(
            embeddings=bert_embeddings(c, token_type_embeddings=None),
            encoder=module(
                layer=repeat(c.num_hidden_layers, layer),
                relative_attention_bias=embedding(c.relative_attention_num_buckets, num_attention_heads),
            ),
        ),
        lm_head=roberta_lm_head(c),
    )
