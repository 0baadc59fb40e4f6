"""Sparse decoders whose layers differ twice: in what they see (`layer_types`), and in being dense or sparse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("laguna", "LagunaForCausalLM")
def laguna(c: Config) -> Module:
    """Gated attention whose number of heads may differ from layer to layer; the first layer is dense."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers

    def layer(layer_type: str, mlp_type: str, num_attention_heads: int) -> Module:
        gate_width = num_attention_heads if c.gating in {True, "per-head"} else num_attention_heads * c.head_dim
        self_attn = attention(
            hidden_size,
            num_attention_heads,
            c.num_key_value_heads,
            c.head_dim,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            q_norm=rms_norm(c.head_dim),
            k_norm=rms_norm(c.head_dim),
            g_proj=linear(hidden_size, gate_width),
        )
        sparse = module(
            experts=_experts(c),
            gate=module(weight=Weight((c.num_experts, hidden_size)), e_score_correction_bias=Weight((c.num_experts,))),
            shared_experts=gated_mlp(hidden_size, c.shared_expert_intermediate_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if mlp_type == "sparse" else gated_mlp(hidden_size, c.intermediate_size)
        )

    mlp_types = c.get("mlp_layer_types", ["dense"] + ["sparse"] * (count - 1))
    num_attention_heads_per_layer = c.get("num_attention_heads_per_layer", [c.num_attention_heads] * count)
    return causal_lm(
        c,
        stack(zip(layer_types(c), mlp_types, num_attention_heads_per_layer, strict=True), layer),
        norm=rms_norm(hidden_size),
    )


@family("kolibri1", "Kolibri1ForCausalLM")
def kolibri1(c: Config) -> Module:
    """Experts everywhere, norms around both blocks; every fifth layer is full."""
    hidden_size = c.hidden_size

    def layer(layer_type: str) -> Module:
        sparse = module(
            experts=_experts(c),
            gate=router(c.num_experts, hidden_size),
            shared_experts=gated_mlp(hidden_size, c.shared_expert_intermediate_size),
        )
        return pre_norm_layer(
            hidden_size,
            self_attention(c, window=window_of(c, layer_type), qk_norm=rms_norm(c.head_dim)),
            sparse,
            post_self_attn_layernorm=rms_norm(hidden_size),
            post_mlp_layernorm=rms_norm(hidden_size),
        )

    return causal_lm(c, stack(layer_types(c, full_every=5), layer), norm=rms_norm(hidden_size))


@family("flint", "FlintForCausalLM")
def flint(c: Config) -> Module:
    """Attention sinks; the first two layers, every fourth and the last one are full, the first two dense."""
    hidden_size, last = c.hidden_size, c.num_hidden_layers - 1

    def layer(layer_type: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
            more={"sinks": Weight((c.num_attention_heads,))},
        )
        sparse = module(
            experts=_experts(c),
            gate=router(c.num_experts, hidden_size),
            shared_expert=gated_mlp(hidden_size, c.shared_expert_intermediate_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if is_sparse else gated_mlp(hidden_size, c.intermediate_size)
        )

    full = [
        "full_attention" if index < 2 or index % 4 == 1 or index == last else "sliding_attention"  # noqa: PLR2004
        for index in range(last + 1)
    ]
    dense = c.get("mlp_only_layers", [0, 1])
    is_sparse = [
        index not in dense and c.num_experts > 0 and (index + 1) % c.decoder_sparse_step == 0
        for index in range(last + 1)
    ]
    return causal_lm(
        c, stack(zip(c.get("layer_types", full), is_sparse, strict=True), layer), norm=rms_norm(hidden_size)
    )


@family("beam", "BeamForCausalLM")
def beam(c: Config) -> Module:
    """Gated attention, four norms; every sixth layer and the last one are full, the first three dense."""
    hidden_size, count = c.hidden_size, c.num_hidden_layers

    def layer(layer_type: str, mlp_type: str) -> Module:
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
            more={
                "gate_proj": linear(hidden_size, c.num_attention_heads * c.head_dim),
                "gate_bias": Weight((c.num_attention_heads,), "bias"),
            },
        )
        sparse = module(experts=_experts(c), gate=router(c.num_experts, hidden_size))
        return pre_norm_layer(
            hidden_size,
            self_attn,
            sparse if mlp_type == "sparse" else gated_mlp(hidden_size, c.intermediate_size),
            pre_feedforward_layernorm=rms_norm(hidden_size),
            post_feedforward_layernorm=rms_norm(hidden_size),
        )

    default = [*layer_types(c, full_every=6)[:-1], "full_attention"]
    mlp_types = c.get("mlp_layer_types", (["dense"] * 3 + ["sparse"] * count)[:count])
    kinds = zip(c.get("layer_types", default), mlp_types, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


def _experts(c: Config) -> Module:
    return experts(c.num_experts, c.num_experts_per_tok, c.hidden_size, c.moe_intermediate_size)
