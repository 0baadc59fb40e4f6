"""MobileBERT: narrow layers between bottlenecks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.bert import bert_embeddings
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mobilebert", "MobileBertForMaskedLM")
def mobilebert(c: Config) -> Module:
    """Narrow layers between bottlenecks, with several feed-forward blocks each.

    Its norms scale and shift only, or are layer norms: weights of the same shape.
    """
    hidden_size, embedding_size = c.hidden_size, c.embedding_size
    in_features = 3 * embedding_size if c.trigram_input else embedding_size
    embeddings = bert_embeddings(
        c,
        word_embeddings=embedding(c.vocab_size, embedding_size),
        embedding_transformation=linear(in_features, hidden_size, bias=True),
    )
    return module(
        mobilebert=module(embeddings=embeddings, encoder=module(layer=repeat(c.num_hidden_layers, _layer(c)))),
        cls=module(
            predictions=module(
                bias=Weight((c.vocab_size,), "bias"),
                transform=module(dense=linear(hidden_size, hidden_size, bias=True), LayerNorm=layer_norm(hidden_size)),
                dense=linear(c.vocab_size, hidden_size - embedding_size),
                decoder=None if c.tie_word_embeddings else linear(embedding_size, c.vocab_size, bias=True, role="head"),
            )
        ),
    )


def _layer(c: Config) -> Module:
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    true_hidden_size = c.get("true_hidden_size", c.intra_bottleneck_size if c.use_bottleneck else hidden_size)
    all_head_size = true_hidden_size // num_attention_heads * num_attention_heads
    value_size = true_hidden_size if c.use_bottleneck_attention else hidden_size

    def dense_and_norm(in_features: int, out_features: int, **more: Module | None) -> Module:
        return module(
            {"dense": linear(in_features, out_features, bias=True), "LayerNorm": layer_norm(out_features), **more}
        )

    def feed_forward(**more: Module | None) -> dict[str, Module]:
        return {
            "intermediate": module(dense=linear(true_hidden_size, c.intermediate_size, bias=True)),
            "output": dense_and_norm(c.intermediate_size, true_hidden_size, **more),
        }

    into = dense_and_norm(hidden_size, c.intra_bottleneck_size)
    projections = {
        "query": linear(true_hidden_size, all_head_size, bias=True),
        "key": linear(true_hidden_size, all_head_size, bias=True),
        "value": linear(value_size, all_head_size, bias=True),
    }
    return module(
        {
            "attention": module(
                {"self": module(projections), "output": dense_and_norm(true_hidden_size, true_hidden_size)}
            ),
            **feed_forward(bottleneck=dense_and_norm(true_hidden_size, hidden_size) if c.use_bottleneck else None),
            "bottleneck": module(input=into, attention=into if c.key_query_shared_bottleneck else None)
            if c.use_bottleneck
            else None,
            "ffn": repeat(c.num_feedforward_networks - 1, module(feed_forward())),
        }
    )
