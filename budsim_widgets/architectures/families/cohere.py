"""Cohere's Command and Zhipu's GLM 4: parallel blocks behind one norm, or norms around both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import attention
from budsim_widgets.architectures.layers import fused_gated_mlp, gated_mlp, rms_norm
from budsim_widgets.architectures.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("cohere", "CohereForCausalLM")
def cohere(c: Config) -> Module:
    """Attention and feed-forward block read the same norm; each head may have one of its own."""
    size = c.hidden_size

    def norm(heads: int) -> Module | None:
        return module(weight=Weight((heads, c.head_dim), "norm")) if c.use_qk_norm else None

    self_attn = attention(
        size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        q_norm=norm(c.num_attention_heads),
        k_norm=norm(c.num_key_value_heads),
    )
    layer = module(self_attn=self_attn, mlp=gated_mlp(size, c.intermediate_size), input_layernorm=rms_norm(size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(size))


@family("cohere2", "Cohere2ForCausalLM")
def cohere2(c: Config) -> Module:
    """Every fourth layer is full; heads are as wide as the model divides, whatever `head_dim` says."""
    size, heads = c.hidden_size, c.num_attention_heads

    def layer(layer_type: str) -> Module:
        self_attn = attention(
            size, heads, c.num_key_value_heads, size // heads, bias=c.attention_bias, window=window_of(c, layer_type)
        )
        return module(self_attn=self_attn, mlp=gated_mlp(size, c.intermediate_size), input_layernorm=rms_norm(size))

    kinds = layer_types(c, full_every=c.get("sliding_window_pattern", 4))
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(size))


@family("glm", "GlmForCausalLM")
def glm(c: Config) -> Module:
    """Llama with biased inputs of attention and a fused feed-forward block."""
    size = c.hidden_size
    self_attn = self_attention(c, bias=c.attention_bias, out_bias=False)
    layer = pre_norm_layer(size, self_attn, fused_gated_mlp(size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(size))


@family("glm4", "Glm4ForCausalLM")
def glm4(c: Config) -> Module:
    """GLM with norms behind the blocks as well."""
    size = c.hidden_size
    layer = pre_norm_layer(
        size,
        self_attention(c, bias=c.attention_bias, out_bias=False),
        fused_gated_mlp(size, c.intermediate_size),
        post_self_attn_layernorm=rms_norm(size),
        post_mlp_layernorm=rms_norm(size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(size))
