"""Reformer and Perceiver: encoders whose cost doesn't grow with the square of the length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.cache import HiddenStateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Part, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config


@family("reformer", "ReformerForMaskedLM")
@family("reformer", "ReformerModelWithLMHead")
def reformer(c: Config) -> Module:
    """Layers that compare neighbours (`local`) or what hashes alike (`lsh`); its halves are joined in the head."""
    hidden_size = c.hidden_size

    def layer(kind: str) -> Module:
        return module(attention=_reformer_attention(c, kind), feed_forward=_reformer_feed_forward(c))

    return module(
        reformer=module(
            embeddings=module(
                word_embeddings=embedding(c.vocab_size, hidden_size), position_embeddings=_reformer_positions(c)
            ),
            encoder=module(layers=stack(_reformer_kinds(c), layer), layer_norm=layer_norm(2 * hidden_size)),
        ),
        lm_head=module(
            bias=Weight((c.vocab_size,), "bias"), decoder=linear(2 * hidden_size, c.vocab_size, role="head")
        ),
    )


def _reformer_kinds(c: Config) -> list[str]:
    """The kind of every layer; without `num_hidden_layers` there are as many layers as kinds are listed."""
    kinds = list(c.attn_layers)
    for kind in kinds:
        if kind not in {"local", "lsh"}:
            message = f"`attn_layers` lists {str(kind)[:60]!r}, but a layer is local or lsh."
            raise ConfigError("FIELD_VALUE", message, field="attn_layers")
    count = c.get("num_hidden_layers", len(kinds))
    if count > len(kinds):
        raise inconsistent("attn_layers", f"`attn_layers` lists {len(kinds)} layers, but there are {count}.")
    return kinds[:count]


def _reformer_positions(c: Config) -> Module:
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


def _reformer_attention(c: Config, kind: str) -> Module:
    hidden_size, all_head_size = c.hidden_size, c.num_attention_heads * c.attention_head_size
    projection = linear(hidden_size, all_head_size)
    if kind == "lsh":
        attend = module(query_key=projection, value=projection)
    else:
        attend = module(query=projection, key=projection, value=projection)
    return module(
        layer_norm=layer_norm(hidden_size),
        self_attention=attend,
        output=module(dense=linear(all_head_size, hidden_size)),
        cache=_reformer_cache(c, kind) if c.get("is_decoder", False) else None,
    )


def _reformer_cache(c: Config, kind: str) -> LayerCache:
    if kind == "local":
        return HiddenStateCache(hidden_size=c.hidden_size)
    return HiddenStateCache(
        hidden_size=c.hidden_size,
        num_hashes=c.num_attention_heads * c.get("num_hashes", 1),
        hashed_from=c.get("lsh_attn_chunk_length", 64) + 1,
    )


def _reformer_feed_forward(c: Config) -> Module:
    hidden_size, feed_forward_size = c.hidden_size, c.feed_forward_size
    return module(
        layer_norm=layer_norm(hidden_size),
        dense=module(dense=linear(hidden_size, feed_forward_size, bias=True)),
        output=module(dense=linear(feed_forward_size, hidden_size, bias=True)),
    )


_DECODER_QK_CHANNELS = 256


@family("perceiver", "PerceiverForMaskedLM")
def perceiver(c: Config) -> Module:
    """Latents that read the text, think, and are read by one query for each position."""
    latent, d_model = c.d_latents, c.d_model
    shared = c.get("cross_attention_shape_for_attention", "kv") == "kv"
    queries, values = c.get("qk_channels"), c.get("v_channels")
    read_queries = queries or (d_model if shared else latent)
    reading = _perceiver_layer(
        latent, d_model, read_queries, values or read_queries, latent, c.cross_attention_widening_factor
    )
    self_queries = queries or latent
    self_values = values or self_queries
    thinking = _perceiver_layer(latent, None, self_queries, self_values, self_values, c.self_attention_widening_factor)
    writing = _perceiver_layer(d_model, latent, _DECODER_QK_CHANNELS, d_model, d_model, 1)
    positions = embedding(c.max_position_embeddings, d_model)
    return module(
        perceiver=module(
            input_preprocessor=module(embeddings=embedding(c.vocab_size, d_model), position_embeddings=positions),
            embeddings=module(latents=Weight((c.num_latents, latent), "embedding")),
            encoder=module(cross_attention=reading, self_attends=repeat(c.num_self_attends_per_block, thinking)),
            decoder=module(
                output_position_encodings=module(
                    position_embeddings=Weight((c.max_position_embeddings, d_model), "embedding")
                ),
                decoding_cross_attention=writing,
            ),
        ),
        embedding_decoder=module(bias=Weight((c.vocab_size,), "bias")),
    )


def _perceiver_layer(  # noqa: PLR0913, PLR0917 - the widths of an attention block
    query_dim: int, source_dim: int | None, queries: int, values: int, out: int, widening: int
) -> Module:
    """Attention of `query_dim` wide queries to a source (None: to themselves), and a feed-forward block."""
    key_value_dim = query_dim if source_dim is None else source_dim
    return module(
        attention=module(
            {
                "self": module(
                    layernorm1=layer_norm(query_dim),
                    layernorm2=None if source_dim is None else layer_norm(source_dim),
                    query=linear(query_dim, queries, bias=True),
                    key=linear(key_value_dim, queries, bias=True),
                    value=linear(key_value_dim, values, bias=True),
                ),
                "output": module(dense=linear(values, out, bias=True)),
            }
        ),
        layernorm=layer_norm(query_dim),
        mlp=mlp(query_dim, widening * query_dim, names=("dense1", "dense2")),
    )
