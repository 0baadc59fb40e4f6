"""BLOOM: no positions but a slope for each head, and one fused projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("bloom", "BloomForCausalLM")
def bloom(c: Config) -> Module:
    """A norm behind the embedding; biases everywhere."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        input_layernorm=layer_norm(hidden_size),
        self_attention=fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            names=("query_key_value", "dense"),
        ),
        post_attention_layernorm=layer_norm(hidden_size),
        mlp=mlp(hidden_size, 4 * hidden_size, names=("dense_h_to_4h", "dense_4h_to_h")),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="transformer",
        embed_name="word_embeddings",
        layers_name="h",
        norm_name="ln_f",
        word_embeddings_layernorm=layer_norm(hidden_size),
    )
