"""Arcee AI: Arcee, Llama with a plain feed-forward block, and AFMoE with experts and gated attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, mlp, rms_norm, router
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import (
    causal_lm,
    experts_from,
    layer_types,
    pre_norm_layer,
    self_attention,
    window_of,
)
from budsim_widgets.architectures.parts import Weight, module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("arcee", "ArceeForCausalLM")
def arcee(c: Config) -> Module:
    """A plain feed-forward block."""
    self_attn = self_attention(c, bias=c.attention_bias)
    return uniform_decoder(
        c, pre_norm_layer(c.hidden_size, self_attn, mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))
    )


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
            _experts(c) if is_sparse else gated_mlp(hidden_size, c.intermediate_size),
            pre_mlp_layernorm=rms_norm(hidden_size),
            post_mlp_layernorm=rms_norm(hidden_size),
        )

    sparse = experts_from(c, c.num_dense_layers)
    kinds = zip(layer_types(c, full_every=c.global_attn_every_n_layers), sparse, strict=True)
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(hidden_size))


def _gate(c: Config) -> Module:
    return module(weight=Weight((c.num_attention_heads * c.head_dim, c.hidden_size), "linear"))


def _experts(c: Config) -> Module:
    hidden_size, moe_intermediate_size = c.hidden_size, c.moe_intermediate_size
    return module(
        expert_bias=Weight((c.num_experts,)),
        router=module(gate=router(c.num_experts, hidden_size)),
        shared_experts=gated_mlp(hidden_size, moe_intermediate_size * c.num_shared_experts),
        experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, moe_intermediate_size),
    )
