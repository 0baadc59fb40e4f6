"""Funnel: blocks of layers over ever fewer tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("funnel", "FunnelForMaskedLM")
def funnel(c: Config) -> Module:
    """Blocks of layers over ever fewer tokens, and a decoder over all of them."""
    layer = _layer(c)
    blocks = stack(list(c.block_sizes), lambda count: repeat(count, layer))
    return module(
        funnel=module(
            embeddings=module(word_embeddings=embedding(c.vocab_size, c.d_model), layer_norm=layer_norm(c.d_model)),
            encoder=module(blocks=blocks),
            decoder=module(layers=repeat(c.num_decoder_layers, layer)),
        ),
        lm_head=head(c, bias=True),
    )


def _layer(c: Config) -> Module:
    d_model, n_head, head_dim = c.d_model, c.n_head, c.d_head
    all_head_size, bias = n_head * head_dim, Weight((n_head, head_dim), "bias")
    return module(
        attention=module(
            q_head=linear(d_model, all_head_size),
            k_head=linear(d_model, all_head_size, bias=True),
            v_head=linear(d_model, all_head_size, bias=True),
            r_w_bias=bias,
            r_r_bias=bias,
            r_s_bias=bias,
            r_kernel=Weight((d_model, n_head, head_dim), "linear"),
            seg_embed=Weight((2, n_head, head_dim), "embedding"),
            post_proj=linear(all_head_size, d_model, bias=True),
            layer_norm=layer_norm(d_model),
        ),
        ffn=module(
            linear_1=linear(d_model, c.d_inner, bias=True),
            linear_2=linear(c.d_inner, d_model, bias=True),
            layer_norm=layer_norm(d_model),
        ),
    )
