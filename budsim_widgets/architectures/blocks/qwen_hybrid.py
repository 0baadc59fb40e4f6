"""The layers of Qwen3-Next and Qwen 3.5: three of linear attention, then one that attends to everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.mixers import gated_delta_net
from budsim_widgets.architectures.blocks.models import given_layer_types
from budsim_widgets.architectures.blocks.multi_token_prediction import (
    num_prediction_layers,
    prediction_layers,
    text_part,
)
from budsim_widgets.architectures.parts import module

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.parts import Module


def hybrid_extras(c: Config, _: Module) -> tuple[Extra, ...]:
    """The layer for multi-token prediction attends to everything."""
    text = text_part(c)
    layer = qwen_hybrid_layer(text, "full_attention", sparse="num_experts" in text)
    count = num_prediction_layers(c, default=1)
    if not count:
        return ()
    return (prediction_layers(text.hidden_size, "mtp.layers", count, lambda: [layer] * count, is_size_noted=True),)


def qwen_hybrid_layer(c: Config, kind: str, *, sparse: bool) -> Module:
    """A layer of attention or of linear attention, dense or with experts.

    Args:
        c: The config.
        kind: `full_attention` or `linear_attention`.
        sparse: Whether it has experts.
    """
    hidden_size = c.hidden_size
    feed_forward = (
        mixture_of_experts(
            hidden_size,
            c.num_experts,
            c.num_experts_per_tok,
            c.moe_intermediate_size,
            shared_intermediate_size=c.shared_expert_intermediate_size,
            shared_name="shared_expert",
            shared_expert_gate=linear(hidden_size, 1),
        )
        if sparse
        else gated_mlp(hidden_size, c.intermediate_size)
    )
    norm = rms_norm(hidden_size)
    mixer = (
        {"self_attn": gated_query_attention(c)} if kind == "full_attention" else {"linear_attn": linear_attention(c)}
    )
    return module(mixer, mlp=feed_forward, input_layernorm=norm, post_attention_layernorm=norm)


def gated_query_attention(c: Config) -> Module:
    """The query projection yields a gate for the output as well."""
    hidden_size, num_attention_heads, norm = c.hidden_size, c.num_attention_heads, rms_norm(c.head_dim)
    whole = attention(
        hidden_size,
        num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        q_norm=norm,
        k_norm=norm,
    )
    query = linear(hidden_size, 2 * num_attention_heads * c.head_dim, bias=c.attention_bias)
    return module({**whole.children, "q_proj": query}, cache=whole.cache)


def linear_attention(c: Config) -> Module:
    """Gated DeltaNet of the config's `linear_…` dimensions."""
    return gated_delta_net(
        c.hidden_size,
        num_key_heads=c.linear_num_key_heads,
        num_value_heads=c.linear_num_value_heads,
        key_head_dim=c.linear_key_head_dim,
        value_head_dim=c.linear_value_head_dim,
        conv_kernel=c.linear_conv_kernel_dim,
        fused=c.model_type == "qwen3_next",
    )


def qwen_hybrid_layer_types(c: Config) -> list[str]:
    """The kind of every layer: listed, or each `full_attention_interval`-th attends to everything."""
    given = given_layer_types(c, "linear_attention", "full_attention")
    if given is not None:
        return given
    every = c.get("full_attention_interval", 4)
    return ["linear_attention" if (i + 1) % every else "full_attention" for i in range(c.num_hidden_layers)]
