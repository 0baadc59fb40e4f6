"""Adept's Persimmon: one fused projection, normed queries and keys."""

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


@family("persimmon", "PersimmonForCausalLM")
def persimmon(c: Config) -> Module:
    """One fused projection, normed queries and keys, a plain feed-forward block."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    norm = layer_norm(hidden_size // num_attention_heads) if c.qk_layernorm else None
    layer = module(
        self_attn=fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            names=("query_key_value", "dense"),
            q_layernorm=norm,
            k_layernorm=norm,
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("dense_h_to_4h", "dense_4h_to_h")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size), norm_name="final_layernorm")
