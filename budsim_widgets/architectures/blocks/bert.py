"""BERT's parts, of which many encoders are made: embeddings, post-norm layers, heads.

As a decoder (`is_decoder`) a layer keeps keys and values; else nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, extended, extended_at, module, repeat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


def bert_embeddings(
    c: Config,
    changed: Mapping[str, Part | None] | None = None,
    /,
    *,
    embedding_size: int | None = None,
    **more: Part | None,
) -> Module:
    """Tokens, learned positions, kinds of text, and a norm; a part given as None is left out."""
    more = {**(changed or {}), **more}
    embedding_size = c.hidden_size if embedding_size is None else embedding_size
    usual: dict[str, Part | None] = {
        "word_embeddings": embedding(c.vocab_size, embedding_size),
        "position_embeddings": None
        if "position_embeddings" in more
        else embedding(c.max_position_embeddings, embedding_size),
        "token_type_embeddings": embedding(c.type_vocab_size, embedding_size) if "type_vocab_size" in c else None,
        "LayerNorm": layer_norm(embedding_size),
    }
    return module({**usual, **more})


def bert_attention(c: Config, *, cached: bool = False, norm: str | None = "LayerNorm") -> Module:
    """Queries, keys and values of all heads, and the output with its norm."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    projection = linear(hidden_size, hidden_size, bias=True)
    return module(
        {
            "self": module(
                query=projection,
                key=projection,
                value=projection,
                cache=kv_cache(num_attention_heads, num_attention_heads, hidden_size // num_attention_heads)
                if cached
                else None,
            ),
            "output": module({"dense": projection, norm or "": layer_norm(hidden_size) if norm else None}),
        }
    )


def bert_attention_to(name: str, hidden_size: int, source_hidden_size: int, cache: LayerCache | None = None) -> Module:
    """BERT's attention to vectors of another hidden size.

    Args:
        name: Name of the projections' group.
        hidden_size: Hidden size of the model.
        source_hidden_size: Hidden size of the vectors that it attends to.
        cache: What is kept.
    """
    own = module(
        query=linear(hidden_size, hidden_size, bias=True),
        key=linear(source_hidden_size, hidden_size, bias=True),
        value=linear(source_hidden_size, hidden_size, bias=True),
        cache=cache,
    )
    return module({name: own, "output": bert_output(hidden_size, hidden_size)})


def bert_output(in_features: int, hidden_size: int) -> Module:
    """A linear layer and its norm, as BERT ends its blocks."""
    return module(dense=linear(in_features, hidden_size, bias=True), LayerNorm=layer_norm(hidden_size))


def bert_layer(c: Config) -> Module:
    """Attention and a feed-forward block, each followed by its norm."""
    hidden_size, is_decoder = c.hidden_size, c.get("is_decoder", False)
    reads_encoder = is_decoder and c.get("add_cross_attention", False)
    return module(
        attention=bert_attention(c, cached=is_decoder),
        crossattention=bert_attention(c) if reads_encoder else None,
        intermediate=module(dense=linear(hidden_size, c.intermediate_size, bias=True)),
        output=module(dense=linear(c.intermediate_size, hidden_size, bias=True), LayerNorm=layer_norm(hidden_size)),
    )


def bert_encoder(c: Config, **more: Part | None) -> Module:
    """All layers."""
    return module({**more, "layer": repeat(c.num_hidden_layers, bert_layer(c))})


def pre_norm_bert_layer(c: Config, *, attention_norm: str, feed_forward_norm: str | None) -> Module:
    """A layer with a norm in front of either block; without a name the feed-forward's stands inside of it."""
    hidden_size, is_decoder = c.hidden_size, c.get("is_decoder", False)
    norm = layer_norm(hidden_size)

    def attention_part(*, cached: bool = False) -> Module:
        return extended(bert_attention(c, cached=cached, norm=None), {attention_norm: norm})

    return module(
        {
            "attention": attention_part(cached=is_decoder),
            "crossattention": attention_part() if is_decoder and c.get("add_cross_attention", False) else None,
            "intermediate": module(
                LayerNorm=None if feed_forward_norm else norm, dense=linear(hidden_size, c.intermediate_size, bias=True)
            ),
            "output": module(dense=linear(c.intermediate_size, hidden_size, bias=True)),
            feed_forward_norm or "": norm if feed_forward_norm else None,
        }
    )


def encoder_of_layers(c: Config, layer: Part, **more: Part | None) -> Module:
    """An encoder of one kind of layer, and parts beside the layers."""
    return module({"layer": repeat(c.num_hidden_layers, layer), **more})


def query_key_value(hidden_size: int, *, bias: bool = True) -> dict[str, Module]:
    """Three projections of `hidden_size` by `hidden_size`."""
    projection = linear(hidden_size, hidden_size, bias=bias)
    return {"query": projection, "key": projection, "value": projection}


def rotary_bert_model(c: Config, feed_forward: Part, *, bias: bool, **embeddings: Part | None) -> Module:
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


def bert_pooler(c: Config) -> Module:
    """The layer behind the first token's vector."""
    return module(dense=linear(c.hidden_size, c.hidden_size, bias=True))


def bert_predictions(c: Config, *, embedding_size: int | None = None) -> Module:
    """The head `cls.predictions`: a transform, and a decoder that is the embedding where tied."""
    embedding_size = c.hidden_size if embedding_size is None else embedding_size
    return module(
        predictions=module(
            bias=Weight((c.vocab_size,), "bias"),
            transform=module(
                dense=linear(c.hidden_size, embedding_size, bias=True), LayerNorm=layer_norm(embedding_size)
            ),
            decoder=vocabulary_decoder(c, embedding_size),
        )
    )


def roberta_lm_head(c: Config) -> Module:
    """The head `lm_head` of RoBERTa: the same under other names."""
    hidden_size = c.hidden_size
    return module(
        bias=Weight((c.vocab_size,), "bias"),
        dense=linear(hidden_size, hidden_size, bias=True),
        layer_norm=layer_norm(hidden_size),
        decoder=vocabulary_decoder(c, hidden_size),
    )


def vocabulary_decoder(c: Config, embedding_size: int) -> Module | None:
    """The last layer of a head; None where it is the embedding."""
    return None if c.tie_word_embeddings else linear(embedding_size, c.vocab_size, bias=True, role="head")


def with_next_sentence_head(masked: Module, base: str, c: Config) -> Module:
    """A masked language model with a head that classifies whether one sentence follows another.

    Args:
        masked: The masked language model, its head under `cls`.
        base: Name of the model without the head.
        c: The config.
    """
    pooled = extended_at(masked, base, {"pooler": bert_pooler(c)})
    return extended_at(pooled, "cls", {"seq_relationship": linear(c.hidden_size, 2, bias=True)})


def bert_without_head(c: Config) -> Module:
    """Embeddings, layers and pooler, as models that embed whole texts are published."""
    return module(embeddings=bert_embeddings(c), encoder=bert_encoder(c), pooler=bert_pooler(c))
