"""Zaya: attention within a compressed width (CCA), and a router that goes on from the layer before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, experts, linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, given_layer_types, pre_norm_layer
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, Weight, extended_at, module, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("zaya", "ZayaForCausalLM")
def zaya(c: Config) -> Module:
    """Whatever meets in a residual is shifted and scaled; the first layer's router has none to go on from."""
    hidden_size = c.hidden_size
    residual_scale = module({**_scale("hidden_states", hidden_size), **_scale("residual", hidden_size)})

    def layer(kind: str, is_first: bool) -> Module:  # noqa: FBT001 - one value a layer
        return pre_norm_layer(
            hidden_size,
            _attention(c, _window(c) if kind == "hybrid_sliding" else None),
            module(gate=_router(c, has_states_scale=not is_first), experts=_experts(c)),
            post_attention_residual_scale=residual_scale,
            post_mlp_residual_scale=residual_scale,
        )

    kinds = given_layer_types(c, "hybrid", "hybrid_sliding") or ["hybrid"] * c.num_hidden_layers
    layers = stack([(kind, index == 0) for index, kind in enumerate(kinds)], layer)
    whole = causal_lm(c, layers, norm=rms_norm(hidden_size), head_bias=c.lm_head_bias)
    return extended_at(whole, "model", _scale("input_hidden_states", hidden_size))


def _scale(name: str, hidden_size: int) -> dict[str, Weight]:
    return {f"{name}_scale": Weight((hidden_size,)), f"{name}_bias": Weight((hidden_size,), "bias")}


def _window(c: Config) -> int:
    if c.get("sliding_window") is None:
        raise inconsistent("sliding_window", "`layer_types` lists `hybrid_sliding`, but there is no `sliding_window`.")
    return int(c.sliding_window)


def _attention(c: Config, window: int | None) -> Module:
    """Queries and keys are convolved twice; half of each value is the token's before, whose half is kept."""
    hidden_size, num_attention_heads, num_key_value_heads, head_dim, bias = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        c.attention_bias,
    )
    q_size, kv_size = num_attention_heads * head_dim, num_key_value_heads * head_dim
    convolved = q_size + kv_size
    half = linear(hidden_size, kv_size // 2, bias=bias)
    state = StateCache(conv_elements=convolved * (c.cca_time0 + c.cca_time1 - 2) + kv_size // 2)
    return module(
        qkv_proj=module(
            q_proj=linear(hidden_size, q_size, bias=bias),
            k_proj=linear(hidden_size, kv_size, bias=bias),
            v_proj_current=half,
            v_proj_delayed=half,
            conv_qk_depthwise=depthwise_conv(convolved, c.cca_time0),
            conv_qk_grouped=conv(convolved, head_dim, c.cca_time1),
        ),
        qk_norm=module(temp=Weight((num_key_value_heads,))),
        o_proj=linear(q_size, hidden_size, bias=bias),
        cache=(kv_cache(num_attention_heads, num_key_value_heads, head_dim, window=window), state),
    )


def _router(c: Config, *, has_states_scale: bool) -> Module:
    """It may also choose to skip the experts."""
    router_hidden_size = c.router_hidden_size
    projection = linear(router_hidden_size, router_hidden_size, bias=True, role="other")
    return module(
        down_proj=linear(c.hidden_size, router_hidden_size, bias=True, role="other"),
        router_states_scale=Weight((router_hidden_size,)) if has_states_scale else None,
        router_mlp=module(
            norm=rms_norm(router_hidden_size),
            fc1=projection,
            fc2=projection,
            out_proj=linear(router_hidden_size, c.num_experts + 1, role="other"),
        ),
    )


def _experts(c: Config) -> Module:
    if c.num_experts_per_tok != 1:
        message = f"`num_experts_per_tok` is {c.num_experts_per_tok}, but a token of Zaya passes one expert."
        raise ConfigError("FIELD_VALUE", message, field="num_experts_per_tok")
    return experts(c.num_experts, 1, c.hidden_size, c.moe_intermediate_size)
