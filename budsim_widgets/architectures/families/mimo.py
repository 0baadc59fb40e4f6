"""Xiaomi's MiMo (7B: 7,833,409,536 parameters with its layer for multi-token prediction) and MiMo V2 Flash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.layers import gated_mlp, linear, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    given_layer_types,
    pre_norm_layer,
    self_attention,
    sparse_layers,
)
from budsim_widgets.architectures.blocks.multi_token_prediction import (
    layers_at,
    num_prediction_layers,
    prediction_layers,
)
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.extras import Extra
    from budsim_widgets.architectures.parts import Module


@family("mimo", "MiMoForCausalLM", extras=layers_at("model.mtp_layers", is_size_noted=True))
def mimo(c: Config) -> Module:
    """Qwen 2; its checkpoint holds a layer for multi-token prediction."""
    self_attn = self_attention(c, bias=c.get("attention_bias", True), out_bias=False)
    return uniform_decoder(c, pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size)))


def _extras(c: Config, _: Module) -> tuple[Extra, ...]:
    """Layers for multi-token prediction have a window and are dense: 0.33B each, as the model page says."""
    layer = _layer(c, "sliding_attention", sparse=False)
    count = num_prediction_layers(c)
    if not count:
        return ()
    return (prediction_layers(c.hidden_size, "model.mtp.layers", count, lambda: [layer] * count, is_size_noted=True),)


@family("mimo_v2_flash", "MiMoV2FlashForCausalLM", extras=_extras)
def mimo_v2_flash(c: Config) -> Module:
    """The first layer and every sixth are full; only the first is dense."""
    hidden_size = c.hidden_size
    kinds = given_layer_types(c, "sliding_attention", "full_attention") or [
        "sliding_attention" if index and (index + 1) % 6 else "full_attention" for index in range(c.num_hidden_layers)
    ]

    return causal_lm(
        c,
        stack(zip(kinds, sparse_layers(c, dense=1), strict=True), lambda kind, sparse: _layer(c, kind, sparse=sparse)),
        norm=rms_norm(hidden_size),
    )


def _layer(c: Config, kind: str, *, sparse: bool) -> Module:
    hidden_size, routed = c.hidden_size, (c.n_routed_experts, c.num_experts_per_tok, c.moe_intermediate_size)
    feed_forward = mixture_of_experts(hidden_size, *routed) if sparse else gated_mlp(hidden_size, c.intermediate_size)
    return pre_norm_layer(hidden_size, _attention(c, slides=kind == "sliding_attention"), feed_forward)


def _attention(c: Config, *, slides: bool) -> Module:
    """`sliding_window_size` counts the tokens before a query, `sliding_window` the query too."""
    hidden_size, num_attention_heads, num_key_value_heads = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads * (2 if slides else 1),
    )
    window = c.sliding_window_size + 1 if "sliding_window_size" in c else c.sliding_window
    return module(
        q_proj=linear(hidden_size, num_attention_heads * c.head_dim, bias=c.attention_bias),
        k_proj=linear(hidden_size, num_key_value_heads * c.head_dim, bias=c.attention_bias),
        v_proj=linear(hidden_size, num_key_value_heads * c.v_head_dim, bias=c.attention_bias),
        o_proj=linear(num_attention_heads * c.v_head_dim, hidden_size),
        sinks=Weight((num_attention_heads,)) if slides else None,
        cache=kv_cache(
            num_attention_heads,
            num_key_value_heads,
            c.head_dim,
            value_head_dim=c.v_head_dim,
            window=window if slides else None,
        ),
    )
