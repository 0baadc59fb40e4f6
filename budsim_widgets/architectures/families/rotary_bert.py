"""Encoders with rotary positions: EuroBERT, GTE, Nomic BERT, Jina embeddings v3 and NeoMME."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer
from budsim_widgets.architectures.families.bert import bert_embeddings, lm_head
from budsim_widgets.architectures.parts import Module, Part, Weight, extended, extended_at, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("eurobert", "EuroBertForMaskedLM")
def eurobert(c: Config) -> Module:
    """Llama that sees both ways; its head has a bias where the feed-forward blocks have."""
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size,
        attention(
            hidden_size,
            c.num_attention_heads,
            c.num_key_value_heads,
            c.head_dim,
            bias=c.attention_bias,
            cached=False,
        ),
        gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size), head_bias=c.mlp_bias)


def _model(c: Config, feed_forward: Part, *, bias: bool, **embeddings: Part | None) -> Module:
    """BERT's embedding without positions, and layers with a norm behind either block."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        self_attn=attention(hidden_size, num_attention_heads, num_attention_heads, c.head_dim, bias=bias, cached=False),
        post_attention_layernorm=layer_norm(hidden_size),
        mlp=feed_forward,
        post_mlp_layernorm=layer_norm(hidden_size),
    )
    return module(
        embeddings=bert_embeddings(c, embeddings, position_embeddings=None),
        layers=repeat(c.num_hidden_layers, layer),
    )


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
        gte=_model(c, feed_forward, bias=True, token_type_embeddings=kinds),
        lm_head=module(
            dense=linear(hidden_size, hidden_size, bias=True),
            layer_norm=layer_norm(hidden_size),
            decoder=module(bias=scores.children["bias"]) if c.tie_word_embeddings else scores,
        ),
    )


@family("nomic_bert", "NomicBertForMaskedLM")
def nomic_bert(c: Config) -> Module:
    """A gated feed-forward block, and no bias in the layers."""
    hidden_size = c.hidden_size
    tied = c.get("tie_word_embeddings", True)
    return module(
        nomic_bert=_model(c, gated_mlp(hidden_size, c.intermediate_size), bias=False),
        cls=module(
            predictions=module(
                bias=Weight((c.vocab_size,), "bias"),
                transform=module(dense=linear(hidden_size, hidden_size, bias=True), layer_norm=layer_norm(hidden_size)),
                decoder=None if tied else linear(hidden_size, c.vocab_size, bias=True, role="head"),
            )
        ),
    )


@family("jina_embeddings_v3", "JinaEmbeddingsV3ForMaskedLM")
def jina_embeddings_v3(c: Config) -> Module:
    """RoBERTa whose head is built first: where the two are tied, the table bears the head's name."""
    hidden_size = c.hidden_size
    table = module(weight=Weight((c.vocab_size, hidden_size), "embedding"))
    base = _model(c, mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")), bias=True)
    if not c.tie_word_embeddings:
        return module(lm_head=lm_head(c), roberta=base)
    return module(
        lm_head=extended(lm_head(c), {"decoder": table}),
        roberta=extended_at(base, "embeddings", {"word_embeddings": None}),
    )


@family("neomme", "NeoMMEForMaskedLM")
def neomme(c: Config) -> Module:
    """Reads words and picture patches; a table of low rank, and values of their own for each word."""
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


@family("esmc", "EsmcForMaskedLM")
def esmc(c: Config) -> Module:
    """A protein's language: Llama that sees both ways, with norms of all heads at once, and a head of its own."""
    hidden_size = c.hidden_size
    norm = layer_norm(hidden_size, bias=False)
    attend = attention(
        hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        cached=False,
        q_norm=norm,
        k_norm=norm,
    )
    layer = module(
        self_attn=attend,
        mlp=gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return module(
        esmc=module(
            embed_tokens=embedding(c.vocab_size, hidden_size), layers=repeat(c.num_hidden_layers, layer), norm=norm
        ),
        lm_head=module(
            dense=linear(hidden_size, hidden_size, bias=True),
            layer_norm=layer_norm(hidden_size),
            decoder=linear(hidden_size, c.vocab_size, bias=True, role="head"),
        ),
    )
