"""Kyutai's Helium: Llama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import pre_norm_layer
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("helium", "HeliumForCausalLM")
def helium(c: Config) -> Module:
    """The output projection is `hidden_size` wide, whatever `head_dim` says."""
    hidden_size, num_attention_heads, num_key_value_heads = c.hidden_size, c.num_attention_heads, c.num_key_value_heads
    self_attn = module(
        q_proj=linear(hidden_size, num_attention_heads * c.head_dim, bias=c.attention_bias),
        k_proj=linear(hidden_size, num_key_value_heads * c.head_dim, bias=c.attention_bias),
        v_proj=linear(hidden_size, num_key_value_heads * c.head_dim, bias=c.attention_bias),
        o_proj=linear(hidden_size, hidden_size),
        cache=kv_cache(num_attention_heads, num_key_value_heads, c.head_dim),
    )
    return uniform_decoder(
        c, pre_norm_layer(hidden_size, self_attn, gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias))
    )
