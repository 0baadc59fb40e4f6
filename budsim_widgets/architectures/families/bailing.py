"""Ling's hybrids: delta attention, and gated latent attention in every few layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.delta_hybrid import (
    DELTA_HYBRID_TYPES,
    delta_hybrid_decoder,
    delta_hybrid_latent_attention,
)
from budsim_widgets.architectures.blocks.layers import linear
from budsim_widgets.architectures.blocks.mixers import kimi_delta_attention
from budsim_widgets.architectures.blocks.models import given_layer_types
from budsim_widgets.architectures.parts import Weight, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("bailing_hybrid", "BailingHybridForCausalLM")
def bailing_hybrid(c: Config) -> Module:
    """Every sixth layer attends; its output is gated head by head."""
    hidden_size, every = c.hidden_size, c.layer_group_size
    kinds = given_layer_types(c, *DELTA_HYBRID_TYPES) or [
        "linear_attention" if (index + 1) % every else "full_attention" for index in range(c.num_hidden_layers)
    ]
    linear_num_heads = c.get("linear_num_heads", c.num_attention_heads)
    head_dim = c.get("linear_head_dim", c.head_dim)
    projection_size = linear_num_heads * head_dim
    delta_attention = kimi_delta_attention(
        hidden_size,
        linear_num_heads,
        head_dim,
        conv_kernel=c.get("linear_conv_kernel_dim", c.short_conv_kernel_size),
        forget_gate=module(
            A_log=Weight((linear_num_heads,)),
            dt_bias=Weight((projection_size,)),
            f_proj=linear(hidden_size, projection_size),
        ),
        output_gate={"g_proj": linear(hidden_size, projection_size)},
    )
    gate = linear(hidden_size, c.num_attention_heads)
    return delta_hybrid_decoder(c, kinds, lambda: delta_hybrid_latent_attention(c, g_proj=gate), delta_attention)
