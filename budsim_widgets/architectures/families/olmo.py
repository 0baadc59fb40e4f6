"""OLMo: norms without weights (1), behind the blocks (2, 3), queries and keys normed over all heads at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import depthwise_conv, experts, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Module, Weight, extended, module, repeat, stack
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
    """Norms before the blocks, and experts. Heads of another width (`head_dim`) don't change the norms."""
    dim = c.hidden_size // c.num_attention_heads
    norms = {"q_norm": rms_norm(c.hidden_size), "k_norm": rms_norm(dim * c.num_key_value_heads)}
    layer = pre_norm_layer(c.hidden_size, extended(_normed_attention(c), norms), _experts(c))
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


@family("olmo_hybrid", "OlmoHybridForCausalLM")
def olmo_hybrid(c: Config) -> Module:
    """Three layers of delta attention with norms before the blocks, then an OLMo 2 layer."""
    default = ["full_attention" if index % 4 == 3 else "linear_attention" for index in range(c.num_hidden_layers)]  # noqa: PLR2004 - every fourth
    if "full_attention" not in default:
        default[-1] = "full_attention"
    hidden_size, feed_forward = c.hidden_size, gated_mlp(c.hidden_size, c.intermediate_size)

    def layer(layer_type: str) -> Module:
        if layer_type == "full_attention":
            return _post_norm_layer(c, feed_forward)
        norm = rms_norm(hidden_size)
        return module(
            linear_attn=_delta_attention(c), mlp=feed_forward, input_layernorm=norm, post_attention_layernorm=norm
        )

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(hidden_size))


def _delta_attention(c: Config) -> Module:
    hidden_size, key_heads = c.hidden_size, c.get("linear_num_key_heads", c.num_attention_heads)
    value_heads = c.get("linear_num_value_heads", c.num_attention_heads)
    key_dim = c.get("linear_key_head_dim", int(0.75 * hidden_size / key_heads))
    value_dim = c.get("linear_value_head_dim", 2 * key_dim)
    keys, values, kernel = key_heads * key_dim, value_heads * value_dim, c.linear_conv_kernel_dim
    return module(
        q_proj=linear(hidden_size, keys),
        k_proj=linear(hidden_size, keys),
        v_proj=linear(hidden_size, values),
        a_proj=linear(hidden_size, value_heads),
        b_proj=linear(hidden_size, value_heads),
        g_proj=linear(hidden_size, values),
        o_proj=linear(values, hidden_size),
        conv1d=depthwise_conv(2 * keys + values, kernel, bias=False),
        A_log=Weight((value_heads,)),
        dt_bias=Weight((value_heads,)),
        o_norm=rms_norm(value_dim),
        cache=StateCache(
            conv_elements=(2 * keys + values) * kernel, recurrent_elements=value_heads * key_dim * value_dim
        ),
    )
