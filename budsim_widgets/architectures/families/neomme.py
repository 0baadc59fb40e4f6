"""NeoMME: an encoder of words and of picture patches, with a table of low rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("neomme", "NeoMMEForMaskedLM")
def neomme(c: Config) -> Module:
    """Words and picture patches as input; a table of low rank, and values of their own for each word."""
    hidden_size, num_attention_heads, q_size = c.hidden_size, c.num_attention_heads, c.num_attention_heads * c.head_dim
    projections = attention(
        hidden_size, num_attention_heads, c.num_key_value_heads, c.head_dim, bias=c.attention_bias, cached=False
    )
    queries, keys, values, out = projections.children.values()
    layer = module(
        lambdas=Weight((2,)),
        self_attn=module(
            q_proj=queries,
            k_proj=keys,
            v_proj=values,
            exclusive_self_attention=module(alpha=Weight((num_attention_heads,))),
            output_projection=module(gate_proj=linear(hidden_size, q_size), o_proj=out),
        ),
        mlp=mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
    )
    pixels = 3 * c.patch_size**2
    tied = c.tie_word_embeddings
    return module(
        model=module(
            embed_tokens=module(
                word_embeddings=embedding(c.vocab_size, c.embedding_rank),
                embedding_projection=linear(c.embedding_rank, hidden_size),
            ),
            patch_embeddings=module(
                norm=layer_norm(pixels),
                up_proj=linear(pixels, 2 * hidden_size),
                down_proj=linear(2 * hidden_size, hidden_size, bias=True),
            ),
            layers=repeat(c.num_hidden_layers, layer),
            value_embeddings=embedding(c.vocab_size, c.num_key_value_heads * c.head_dim),
        ),
        unembedding_projection=None if tied else linear(c.embedding_rank, hidden_size),
        lm_head=None if tied else linear(c.embedding_rank, c.vocab_size, role="head"),
    )
