"""JetMoe and Doge: mixtures of experts in unusual places."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import embedding, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("jetmoe", "JetMoeForCausalLM")
def jetmoe(c: Config) -> Module:
    """Queries and outputs of attention are experts too; a token's experts share its keys."""
    hidden_size, kv_size = c.hidden_size, c.kv_channels * c.num_key_value_heads
    num_attention_heads = c.num_key_value_heads * c.num_experts_per_tok
    layer = module(
        input_layernorm=rms_norm(hidden_size),
        self_attention=module(
            experts=_expert_block(c, kv_size, kv_size),
            kv_proj=linear(hidden_size, 2 * kv_size),
            cache=kv_cache(num_attention_heads, c.num_key_value_heads, c.kv_channels),
        ),
        post_attention_layernorm=rms_norm(hidden_size),
        mlp=_expert_block(c, 2 * c.intermediate_size, c.intermediate_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))


def _expert_block(c: Config, rows_in: int, columns_out: int) -> Module:
    """Two matrices an expert, one bias for all, and the router."""
    count, hidden_size = c.num_local_experts, c.hidden_size
    share = (min(c.num_experts_per_tok, count), count)
    return module(
        bias=Weight((hidden_size,), "bias"),
        input_linear=module(weight=Weight((count, rows_in, hidden_size), "experts"), active_share=share),
        output_linear=module(weight=Weight((count, hidden_size, columns_out), "experts"), active_share=share),
        router=module(layer=router(count, hidden_size)),
    )


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
