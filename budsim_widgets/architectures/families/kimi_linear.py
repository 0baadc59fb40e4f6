"""Moonshot's Kimi Linear: delta attention, and latent attention in every few layers."""

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
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import Weight, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Module


@family("kimi_linear", "KimiLinearForCausalLM")
def kimi_linear(c: Config) -> Module:
    """Published configs keep the linear layers' dimensions, and which they are, in `linear_attn_config`."""
    linear_config = c.get("linear_attn_config", Config({}))
    hidden_size = c.hidden_size
    num_heads = linear_config.get("num_heads", c.linear_num_heads)
    # `head_dim` of a Config follows from other fields where it isn't given.
    head_dim = linear_config.fields.get("head_dim", c.linear_head_dim)
    forget_gate = module(
        f_a_proj=linear(hidden_size, head_dim),
        f_b_proj=linear(head_dim, num_heads * head_dim),
        dt_bias=Weight((num_heads * head_dim,)),
        A_log=Weight((1, 1, num_heads, 1)),
    )
    delta_attention = kimi_delta_attention(
        hidden_size,
        num_heads,
        head_dim,
        conv_kernel=linear_config.get("short_conv_kernel_size", c.linear_conv_kernel_dim),
        forget_gate=forget_gate,
        output_gate={"g_a_proj": linear(hidden_size, head_dim), "g_b_proj": linear(head_dim, num_heads * head_dim)},
    )
    return delta_hybrid_decoder(c, _kinds(c, linear_config), lambda: delta_hybrid_latent_attention(c), delta_attention)


def _kinds(c: Config, linear_config: Config) -> list[str]:
    """Listed layer by layer, or as the numbers of the layers of each kind, counted from 1."""
    given = given_layer_types(c, *DELTA_HYBRID_TYPES)
    if given is not None:
        return given
    if "full_attn_layers" not in linear_config or "kda_layers" not in linear_config:
        return [
            "linear_attention" if index % 4 or not index else "full_attention" for index in range(c.num_hidden_layers)
        ]
    full, linear_ones = set(linear_config.full_attn_layers), set(linear_config.kda_layers)
    if full | linear_ones != set(range(1, c.num_hidden_layers + 1)):
        message = f"`full_attn_layers` and `kda_layers` must name the layers 1 to {c.num_hidden_layers} between them."
        raise inconsistent("linear_attn_config", message)
    return [
        "linear_attention" if index + 1 in linear_ones else "full_attention" for index in range(c.num_hidden_layers)
    ]
