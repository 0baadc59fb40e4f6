"""OLMo: norms without weights (1), behind the blocks (2, 3), queries and keys normed over all heads at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.attention import attention
from budsim_widgets.architectures.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("olmo", "OlmoForCausalLM")
def olmo(c: Config) -> Module:
    """Llama whose norms have no weights."""
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias), mlp=gated_mlp(c.hidden_size, c.intermediate_size)
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=None)


@family("olmo2", "Olmo2ForCausalLM")
def olmo2(c: Config) -> Module:
    """Norms behind the blocks."""
    layer = _post_norm_layer(c, gated_mlp(c.hidden_size, c.intermediate_size))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("olmo3", "Olmo3ForCausalLM")
def olmo3(c: Config) -> Module:
    """OLMo 2 with windows; every fourth layer is full."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size)
    layers = stack(
        layer_types(c, full_every=4), lambda kind: _post_norm_layer(c, feed_forward, window=window_of(c, kind))
    )
    return causal_lm(c, layers, norm=rms_norm(c.hidden_size))


@family("flex_olmo", "FlexOlmoForCausalLM")
def flex_olmo(c: Config) -> Module:
    """OLMo 2 with experts."""
    return causal_lm(c, repeat(c.num_hidden_layers, _post_norm_layer(c, _experts(c))), norm=rms_norm(c.hidden_size))


@family("olmoe", "OlmoeForCausalLM")
def olmoe(c: Config) -> Module:
    """Norms before the blocks, and experts."""
    layer = pre_norm_layer(c.hidden_size, _normed_attention(c), _experts(c))
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


def _post_norm_layer(c: Config, feed_forward: Module, window: int | None = None) -> Module:
    return module(
        self_attn=_normed_attention(c, window),
        mlp=feed_forward,
        post_attention_layernorm=rms_norm(c.hidden_size),
        post_feedforward_layernorm=rms_norm(c.hidden_size),
    )


def _normed_attention(c: Config, window: int | None = None) -> Module:
    return attention(
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        bias=c.attention_bias,
        window=window,
        q_norm=rms_norm(c.num_attention_heads * c.head_dim),
        k_norm=rms_norm(c.num_key_value_heads * c.head_dim),
    )


def _experts(c: Config) -> Module:
    return module(
        gate=router(c.num_experts, c.hidden_size),
        experts=experts(c.num_experts, c.num_experts_per_tok, c.hidden_size, c.intermediate_size),
    )
