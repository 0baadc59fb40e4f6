"""Perceiver: latent vectors that attend to the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_DECODER_QK_CHANNELS = 256


@family("perceiver", "PerceiverForMaskedLM")
def perceiver(c: Config) -> Module:
    """Latents attend to the text, then to themselves; one query for each position attends to the latents."""
    latent, d_model = c.d_latents, c.d_model
    shared = c.get("cross_attention_shape_for_attention", "kv") == "kv"
    queries, values = c.get("qk_channels"), c.get("v_channels")
    read_queries = queries or (d_model if shared else latent)
    encoder_cross_attention = _layer(
        latent, d_model, read_queries, values or read_queries, latent, c.cross_attention_widening_factor
    )
    self_queries = queries or latent
    self_values = values or self_queries
    self_attends = _layer(latent, None, self_queries, self_values, self_values, c.self_attention_widening_factor)
    decoder_cross_attention = _layer(d_model, latent, _DECODER_QK_CHANNELS, d_model, d_model, 1)
    positions = embedding(c.max_position_embeddings, d_model)
    return module(
        perceiver=module(
            input_preprocessor=module(embeddings=embedding(c.vocab_size, d_model), position_embeddings=positions),
            embeddings=module(latents=Weight((c.num_latents, latent), "embedding")),
            encoder=module(
                cross_attention=encoder_cross_attention, self_attends=repeat(c.num_self_attends_per_block, self_attends)
            ),
            decoder=module(
                output_position_encodings=module(
                    position_embeddings=Weight((c.max_position_embeddings, d_model), "embedding")
                ),
                decoding_cross_attention=decoder_cross_attention,
            ),
        ),
        embedding_decoder=module(bias=Weight((c.vocab_size,), "bias")),
    )


def _layer(  # noqa: PLR0913, PLR0917 - the widths of an attention block
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
