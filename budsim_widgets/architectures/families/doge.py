"""Doge: masks made of the values, and experts of one neuron."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("doge", "DogeForCausalLM")
def doge(c: Config) -> Module:
    """Dynamic masks from the values; with `is_moe` single-neuron experts are looked up beside a shared block."""
    hidden_size = c.hidden_size
    num_key_value_heads = c.num_key_value_heads
    self_attn = self_attention(
        c,
        bias=c.attention_bias,
        window=c.get("sliding_window"),
        qk_norm=rms_norm(c.head_dim),
        more={
            "A": Weight((num_key_value_heads,)),
            "dt_proj": linear(num_key_value_heads * c.head_dim, num_key_value_heads, bias=c.attention_bias),
        },
    )
    shared = gated_mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias)
    layer = pre_norm_layer(
        hidden_size,
        self_attn,
        _with_looked_up_experts(c, shared) if c.is_moe else shared,
        input_residual=Weight((hidden_size,)),
        post_attention_residual=Weight((hidden_size,)),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))


def _with_looked_up_experts(c: Config, shared: Module) -> Module:
    hidden_size, share = c.hidden_size, (min(c.num_experts_per_tok, c.num_experts), c.num_experts)
    table = module(embedding(c.num_experts, hidden_size).children, active_share=share)
    keys = linear(hidden_size, 2 * isqrt(c.num_experts), role="other")
    return extended(shared, {"router_gate": keys, "down_embed": table, "up_embed": table})
