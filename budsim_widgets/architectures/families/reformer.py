"""Reformer: attention to neighbours and to tokens of the same hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.cache import HiddenStateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("reformer", "ReformerForMaskedLM")
@family("reformer", "ReformerModelWithLMHead")
def reformer(c: Config) -> Module:
    """Layers that compare neighbours (`local`) or what hashes alike (`lsh`); its halves are joined in the head."""
    hidden_size = c.hidden_size

    def layer(kind: str) -> Module:
        return module(attention=_attention(c, kind), feed_forward=_feed_forward(c))

    return module(
        reformer=module(
            embeddings=module(word_embeddings=embedding(c.vocab_size, hidden_size), position_embeddings=_positions(c)),
            encoder=module(layers=stack(_kinds(c), layer), layer_norm=layer_norm(2 * hidden_size)),
        ),
        lm_head=module(
            bias=Weight((c.vocab_size,), "bias"),
            decoder=linear(2 * hidden_size, c.vocab_size, bias=True, role="head"),
        ),
    )


def _kinds(c: Config) -> list[str]:
    """The kind of every layer; without `num_hidden_layers` there are as many layers as kinds are listed."""
    kinds = list(c.attn_layers)
    for kind in kinds:
        if kind not in {"local", "lsh"}:
            message = f"`attn_layers` lists {quoted(kind)}, but a layer is local or lsh."
            raise ConfigError("FIELD_VALUE", message, field="attn_layers")
    count = c.get("num_hidden_layers", len(kinds))
    if count > len(kinds):
        raise inconsistent("attn_layers", f"`attn_layers` lists {len(kinds)} layers, but there are {count}.")
    return kinds[:count]


def _positions(c: Config) -> Module:
    """A table, or for long texts one for each of several axes, which together make up `hidden_size`."""
    hidden_size = c.hidden_size
    if not c.axial_pos_embds:
        return module(embedding=embedding(c.max_position_embeddings, hidden_size))
    dims, lengths = c.axial_pos_embds_dim, c.axial_pos_shape
    if sum(dims) != hidden_size:
        raise inconsistent(
            "axial_pos_embds_dim", f"`axial_pos_embds_dim` {dims} should sum to `hidden_size`, {hidden_size}."
        )
    if len(dims) != len(lengths):
        raise inconsistent("axial_pos_shape", "`axial_pos_shape` and `axial_pos_embds_dim` should be of one length.")
    axes: dict[str, Part | None] = {}
    for axis, dim in enumerate(dims):
        shape = [1] * len(lengths)
        shape[axis] = lengths[axis]
        axes[str(axis)] = Weight((*shape, dim), "embedding")
    return module(weights=module(axes))


def _attention(c: Config, kind: str) -> Module:
    hidden_size, all_head_size = c.hidden_size, c.num_attention_heads * c.attention_head_size
    projection = linear(hidden_size, all_head_size)
    if kind == "lsh":
        self_attn = module(query_key=projection, value=projection)
    else:
        self_attn = module(query=projection, key=projection, value=projection)
    return module(
        layer_norm=layer_norm(hidden_size),
        self_attention=self_attn,
        output=module(dense=linear(all_head_size, hidden_size)),
        cache=_cache(c, kind) if c.get("is_decoder", False) else None,
    )


def _cache(c: Config, kind: str) -> LayerCache:
    if kind == "local":
        return HiddenStateCache(hidden_size=c.hidden_size)
    return HiddenStateCache(
        hidden_size=c.hidden_size,
        num_hashes=c.num_attention_heads * c.get("num_hashes", 1),
        hashed_from=c.get("lsh_attn_chunk_length", 64) + 1,
    )


def _feed_forward(c: Config) -> Module:
    hidden_size, feed_forward_size = c.hidden_size, c.feed_forward_size
    return module(
        layer_norm=layer_norm(hidden_size),
        dense=module(dense=linear(hidden_size, feed_forward_size, bias=True)),
        output=module(dense=linear(feed_forward_size, hidden_size, bias=True)),
    )
