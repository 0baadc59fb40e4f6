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
    size = c.hidden_size

    def layer(kind: str) -> Module:
        return module(attention=_reformer_attention(c, kind), feed_forward=_reformer_feed_forward(c))

    return module(
        reformer=module(
            embeddings=module(
                word_embeddings=embedding(c.vocab_size, size), position_embeddings=_reformer_positions(c)
            ),
            encoder=module(layers=stack(_reformer_kinds(c), layer), layer_norm=layer_norm(2 * size)),
        ),
        lm_head=module(bias=Weight((c.vocab_size,), "bias"), decoder=linear(2 * size, c.vocab_size, role="head")),
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
    """A table, or for long texts one for each of several axes, which together make up the width."""
    size = c.hidden_size
    if not c.axial_pos_embds:
        return module(embedding=embedding(c.max_position_embeddings, size))
    widths, lengths = c.axial_pos_embds_dim, c.axial_pos_shape
    if sum(widths) != size:
        raise inconsistent("axial_pos_embds_dim", f"`axial_pos_embds_dim` {widths} should sum to the width, {size}.")
    if len(widths) != len(lengths):
        raise inconsistent("axial_pos_shape", "`axial_pos_shape` and `axial_pos_embds_dim` should be of one length.")
    axes: dict[str, Part | None] = {}
    for axis, width in enumerate(widths):
        shape = [1] * len(lengths)
        shape[axis] = lengths[axis]
        axes[str(axis)] = Weight((*shape, width), "embedding")
    return module(weights=module(axes))


def _reformer_attention(c: Config, kind: str) -> Module:
    size, inner = c.hidden_size, c.num_attention_heads * c.attention_head_size
    projection = linear(size, inner)
    if kind == "lsh":
        attend = module(query_key=projection, value=projection)
    else:
        attend = module(query=projection, key=projection, value=projection)
    return module(
        layer_norm=layer_norm(size),
        self_attention=attend,
        output=module(dense=linear(inner, size)),
        cache=_reformer_cache(c, kind) if c.get("is_decoder", False) else None,
    )


def _reformer_cache(c: Config, kind: str) -> LayerCache:
    if kind == "local":
        return HiddenStateCache(size=c.hidden_size)
    return HiddenStateCache(
        size=c.hidden_size,
        num_hashes=c.num_attention_heads * c.get("num_hashes", 1),
        hashed_from=c.get("lsh_attn_chunk_length", 64) + 1,
    )


def _reformer_feed_forward(c: Config) -> Module:
    size, hidden = c.hidden_size, c.feed_forward_size
    return module(
        layer_norm=layer_norm(size),
        dense=module(dense=linear(size, hidden, bias=True)),
        output=module(dense=linear(hidden, size, bias=True)),
    )


_DECODER_QK_CHANNELS = 256


@family("perceiver", "PerceiverForMaskedLM")
def perceiver(c: Config) -> Module:
    """Latents that read the text, think, and are read by one query for each position."""
    latent, size = c.d_latents, c.d_model
    shared = c.get("cross_attention_shape_for_attention", "kv") == "kv"
    queries, values = c.get("qk_channels"), c.get("v_channels")
    read_queries = queries or (size if shared else latent)
    reading = _perceiver_layer(
        latent, size, read_queries, values or read_queries, latent, c.cross_attention_widening_factor
    )
    self_queries = queries or latent
    self_values = values or self_queries
    thinking = _perceiver_layer(latent, None, self_queries, self_values, self_values, c.self_attention_widening_factor)
    writing = _perceiver_layer(size, latent, _DECODER_QK_CHANNELS, size, size, 1)
    positions = embedding(c.max_position_embeddings, size)
    return module(
        perceiver=module(
            input_preprocessor=module(embeddings=embedding(c.vocab_size, size), position_embeddings=positions),
            embeddings=module(latents=Weight((c.num_latents, latent), "embedding")),
            encoder=module(cross_attention=reading, self_attends=repeat(c.num_self_attends_per_block, thinking)),
            decoder=module(
                output_position_encodings=module(
                    position_embeddings=Weight((c.max_position_embeddings, size), "embedding")
                ),
                decoding_cross_attention=writing,
            ),
        ),
        embedding_decoder=module(bias=Weight((c.vocab_size,), "bias")),
    )


def _perceiver_layer(  # noqa: PLR0913, PLR0917 - the widths of an attention block
    size: int, source: int | None, queries: int, values: int, out: int, widening: int
) -> Module:
    """Attention of `size` wide queries to a source (None: to themselves), and a feed-forward block."""
    seen = size if source is None else source
    return module(
        attention=module(
            {
                "self": module(
                    layernorm1=layer_norm(size),
                    layernorm2=None if source is None else layer_norm(source),
                    query=linear(size, queries, bias=True),
                    key=linear(seen, queries, bias=True),
                    value=linear(seen, values, bias=True),
                ),
                "output": module(dense=linear(values, out, bias=True)),
            }
        ),
        layernorm=layer_norm(size),
        mlp=mlp(size, widening * size, names=("dense1", "dense2")),
    )
