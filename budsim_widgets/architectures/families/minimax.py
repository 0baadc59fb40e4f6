"""MiniMax: experts in every layer; the first attends in turn by lightning attention and to everything, M2 always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    given_layer_types,
    pre_norm_layer,
    self_attention,
)
from budsim_widgets.architectures.blocks.multi_token_prediction import copied_layers
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra


def _extras(c: Config, root: Module) -> tuple[Extra, ...]:
    """Configs of M2 speak of three layers for multi-token prediction."""
    return copied_layers(c, root, c.get("num_mtp_modules", 0)) if c.get("use_mtp", False) else ()


@family("minimax", "MiniMaxForCausalLM")
def minimax(c: Config) -> Module:
    """The published models list seven linear layers to a full one; a window, where set, doesn't shorten the cache."""
    kinds = given_layer_types(c) or [
        "linear_attention" if index % 2 else "full_attention" for index in range(c.num_hidden_layers)
    ]

    def layer(kind: str) -> Module:
        self_attn = _lightning_attention(c) if kind == "linear_attention" else self_attention(c)
        return pre_norm_layer(c.hidden_size, self_attn, _experts(c))

    return causal_lm(c, stack(kinds, layer), norm=rms_norm(c.hidden_size))


@family("minimax_m1", "MiniMaxM1ForCausalLM", basis="estimate", notes=unconfirmed_notes)
@family("minimax_text_01", "MiniMaxText01ForCausalLM")
def minimax_text_01(c: Config) -> Module:
    """The first MiniMax under the name that its own code gave it: 456,089,655,296 parameters, as published.

    M1 was trained further from it, and its code is the same under another name: an estimate, since 456B are published
    of it, and no total to the digit.
    """
    kinds = ["full_attention" if has_attention else "linear_attention" for has_attention in c.attn_type_list]
    return minimax(c.changed({**c.fields, "layer_types": kinds}))


@family("minimax_m2", "MiniMaxM2ForCausalLM", extras=_extras)
def minimax_m2(c: Config) -> Module:
    """One norm for the queries of all heads, another for the keys."""
    num_attention_heads, num_key_value_heads = c.num_attention_heads, c.num_key_value_heads
    self_attn = attention(
        c.hidden_size,
        num_attention_heads,
        num_key_value_heads,
        c.head_dim,
        q_norm=rms_norm(num_attention_heads * c.head_dim),
        k_norm=rms_norm(num_key_value_heads * c.head_dim),
    )
    layer = pre_norm_layer(c.hidden_size, self_attn, _experts(c))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


def _experts(c: Config) -> Module:
    return mixture_of_experts(c.hidden_size, c.num_local_experts, c.num_experts_per_tok, c.intermediate_size)


def _lightning_attention(c: Config) -> Module:
    """Each head carries the sum of its keys times values, in the model's format."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    projection_size = num_attention_heads * c.head_dim
    return module(
        norm=rms_norm(projection_size),
        qkv_proj=linear(hidden_size, 3 * projection_size),
        out_proj=linear(projection_size, hidden_size),
        output_gate=linear(hidden_size, projection_size),
        cache=StateCache(conv_elements=num_attention_heads * c.head_dim**2),
    )
