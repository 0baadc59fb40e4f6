"""Decoders with layer norms: StableLM, StarCoder 2, Phi 1 and 2, Phi-3.5-MoE, Persimmon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, layer_norm, mlp, router
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention
from budsim_widgets.architectures.parts import Module, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("stablelm", "StableLmForCausalLM")
def stablelm(c: Config) -> Module:
    """Each head may have a norm of its own; with parallel blocks one norm serves both."""
    hidden_size = c.hidden_size
    norms = {"q_layernorm": c.num_attention_heads, "k_layernorm": c.num_key_value_heads} if c.qk_layernorm else {}
    self_attn = self_attention(
        c,
        bias=c.use_qkv_bias,
        out_bias=False,
        more={
            name: module(norms=repeat(num_attention_heads, layer_norm(c.head_dim, bias=False)))
            for name, num_attention_heads in norms.items()
        },
    )
    layer = module(
        self_attn=self_attn,
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=None if c.use_parallel_residual else layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size))


@family("starcoder2", "Starcoder2ForCausalLM")
def starcoder2(c: Config) -> Module:
    """A plain feed-forward block; the window, where set, holds for all layers."""
    hidden_size = c.hidden_size
    layer = module(
        self_attn=self_attention(c, bias=c.use_bias, window=c.get("sliding_window")),
        mlp=mlp(hidden_size, c.intermediate_size, bias=c.use_bias, names=("c_fc", "c_proj")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size))


@family("phi", "PhiForCausalLM")
def phi(c: Config) -> Module:
    """Parallel blocks behind one norm, biases everywhere, in the head too."""
    hidden_size = c.hidden_size
    norm = layer_norm(c.head_dim) if c.qk_layernorm else None
    self_attn = attention(
        hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=True,
        names=("q_proj", "k_proj", "v_proj", "dense"),
        q_layernorm=norm,
        k_layernorm=norm,
    )
    layer = module(
        self_attn=self_attn,
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(
        c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size), norm_name="final_layernorm", head_bias=True
    )


@family("phimoe", "PhimoeForCausalLM")
@family("phimoe", "PhiMoEForCausalLM")
def phimoe(c: Config) -> Module:
    """Experts in every layer; the window, where set, holds for all layers."""
    hidden_size, count = c.hidden_size, c.num_local_experts
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias, window=c.get("sliding_window")),
        mlp=module(
            router=router(count, hidden_size),
            experts=experts(count, c.num_experts_per_tok, hidden_size, c.intermediate_size),
        ),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size), head_bias=c.lm_head_bias)


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
