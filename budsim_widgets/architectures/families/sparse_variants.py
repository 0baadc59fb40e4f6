"""Llama-like decoders whose feed-forward block is a mixture of experts with a shared one, or nothing but experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("solar_open", "SolarOpenForCausalLM")
def solar_open(c: Config) -> Module:
    """Experts in every layer, and shared ones."""
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    feed_forward = module(
        experts=experts(c.n_routed_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
        gate=router(c.n_routed_experts, hidden_size),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.n_shared_experts),
    )
    layer = pre_norm_layer(hidden_size, self_attention(c, bias=c.attention_bias, out_bias=False), feed_forward)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))


@family("mellum", "MellumForCausalLM")
def mellum(c: Config) -> Module:
    """`mlp_layer_types` says which layers are sparse: by default all."""
    hidden_size = c.hidden_size

    def layer(layer_type: str, mlp_type: str) -> Module:
        self_attn = self_attention(
            c, bias=c.attention_bias, window=window_of(c, layer_type), qk_norm=rms_norm(c.head_dim)
        )
        sparse = module(
            experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, c.moe_intermediate_size),
            gate=router(c.num_experts, hidden_size),
        )
        return pre_norm_layer(
            hidden_size, self_attn, sparse if mlp_type == "sparse" else gated_mlp(hidden_size, c.intermediate_size)
        )

    mlp_types = c.get("mlp_layer_types", ["sparse"] * c.num_hidden_layers)
    return causal_lm(c, stack(zip(layer_types(c), mlp_types, strict=True), layer), norm=rms_norm(hidden_size))


@family("afmoe", "AfmoeForCausalLM")
def afmoe(c: Config) -> Module:
    """Gated attention, norms around both blocks; every fourth layer is full, the first ones are dense."""
    hidden_size = c.hidden_size

    def layer(layer_type: str, is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            qk_norm=rms_norm(c.head_dim),
            more={"gate_proj": _gate(c)},
        )
        return pre_norm_layer(
            hidden_size,
            self_attn,
            _afmoe_experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size),
            pre_mlp_layernorm=rms_norm(hidden_size),
            post_mlp_layernorm=rms_norm(hidden_size),
        )

    sparse = (index >= c.num_dense_layers for index in range(c.num_hidden_layers))
    kinds = zip(layer_types(c, full_every=c.global_attn_every_n_layers), sparse, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


def _gate(c: Config) -> Module:
    return module(weight=Weight((c.num_attention_heads * c.head_dim, c.hidden_size), "linear"))


def _afmoe_experts(c: Config) -> Module:
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    return module(
        expert_bias=Weight((c.num_experts,)),
        router=module(gate=router(c.num_experts, hidden_size)),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.num_shared_experts),
        experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
    )
