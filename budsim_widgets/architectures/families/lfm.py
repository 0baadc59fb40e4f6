"""LFM 2 and 3: short convolutions, and attention in some layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.mixers import short_conv
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    experts_from,
    given_layer_types,
    self_attention,
    window_of,
)
from budsim_widgets.architectures.parts import Module, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part


@family("lfm2", "Lfm2ForCausalLM")
def lfm2(c: Config) -> Module:
    """The layers of `full_attn_idxs` attend, or all; `intermediate_size` is adjusted."""
    return _model(c, _lfm2_kinds(c), lambda _: _lfm2_attention(c), lfm2_intermediate_size(c))


@family("lfm2_moe", "Lfm2MoeForCausalLM")
def lfm2_moe(c: Config) -> Module:
    """The first layers are dense, the others have experts."""
    hidden_size = c.hidden_size

    def layer(kind: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        dense = gated_mlp(hidden_size, c.intermediate_size, names=("w1", "w3", "w2"))
        return module(
            self_attn=None if kind == "conv" else _lfm2_attention(c),
            conv=short_conv(hidden_size, c.get("conv_L_cache", 3), bias=c.get("conv_bias", False))
            if kind == "conv"
            else None,
            feed_forward=_experts(c) if is_sparse else dense,
            operator_norm=rms_norm(hidden_size),
            ffn_norm=rms_norm(hidden_size),
        )

    sparse = experts_from(c, c.get("num_dense_layers", 2))
    kinds = zip(c.layer_types, sparse, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size), norm_name="embedding_norm")


def _experts(c: Config) -> Module:
    hidden_size, moe_intermediate_size = c.hidden_size, c.get("moe_intermediate_size", 1792)
    return module(
        experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        gate=router(c.num_experts, hidden_size),
    )


@family("lfm3", "Lfm3ForCausalLM")
def lfm3(c: Config) -> Module:
    """Of four layers, two convolve, one attends to a window and one to everything."""
    kinds = given_layer_types(c, "conv", "sliding_attention", "full_attention") or [
        "full_attention" if index % 4 == 2 else "sliding_attention" if index % 4 == 0 and index else "conv"  # noqa: PLR2004 - the third of four
        for index in range(c.num_hidden_layers)
    ]
    norm = rms_norm(c.hidden_size) if c.use_sandwich_norm else None

    def attention_of(kind: str) -> Module:
        gate = linear(c.hidden_size, c.num_attention_heads) if c.use_attention_gate else None
        return self_attention(
            c, bias=c.attention_bias, window=window_of(c, kind), qk_norm=rms_norm(c.head_dim), more={"g_proj": gate}
        )

    return _model(c, kinds, attention_of, c.intermediate_size, post_operator_norm=norm, post_ffn_norm=norm)


def lfm2_intermediate_size(c: Config) -> int:
    """Two thirds of `intermediate_size`, times a factor, up to the next multiple; unless it is to be left alone."""
    intermediate_size = int(c.intermediate_size)
    if not c.block_auto_adjust_ff_dim:
        return intermediate_size
    intermediate_size = int(2 * intermediate_size / 3)
    if "block_ffn_dim_multiplier" not in c:
        return intermediate_size
    intermediate_size = int(c.block_ffn_dim_multiplier * intermediate_size)
    multiple = int(c.block_multiple_of)
    return multiple * ((intermediate_size + multiple - 1) // multiple)


def _lfm2_kinds(c: Config) -> list[str]:
    given = given_layer_types(c, "conv", "full_attention")
    if given is not None:
        return given
    full = set(c.get("full_attn_idxs", range(c.num_hidden_layers)))
    return ["full_attention" if index in full else "conv" for index in range(c.num_hidden_layers)]


def _lfm2_attention(c: Config) -> Module:
    return attention(
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.head_dim,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        q_layernorm=rms_norm(c.head_dim),
        k_layernorm=rms_norm(c.head_dim),
    )


def _model(
    c: Config, kinds: list[str], attention_of: Callable[[str], Module], intermediate_size: int, **norms: Part | None
) -> Module:
    hidden_size = c.hidden_size

    def layer(kind: str) -> Module:
        convolves = kind == "conv"
        return module(
            norms,
            self_attn=None if convolves else attention_of(kind),
            conv=short_conv(hidden_size, c.conv_L_cache, bias=c.conv_bias) if convolves else None,
            feed_forward=gated_mlp(hidden_size, intermediate_size, names=("w1", "w3", "w2")),
            operator_norm=rms_norm(hidden_size),
            ffn_norm=rms_norm(hidden_size),
        )

    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size), norm_name="embedding_norm")
