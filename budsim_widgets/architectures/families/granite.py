"""IBM's Granite: Llama, with experts, shared experts, or windows and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, fused_gated_mlp, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("granite", "GraniteForCausalLM")
def granite(c: Config) -> Module:
    """Llama with scaled residuals."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
    layer = pre_norm_layer(c.hidden_size, self_attention(c, bias=c.attention_bias), feed_forward)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("granite_swa", "GraniteSWAForCausalLM")
def granite_swa(c: Config) -> Module:
    """The first of every four layers is full; attention sinks."""
    default = ["sliding_attention" if index % 4 else "full_attention" for index in range(c.num_hidden_layers)]

    def layer(layer_type: str) -> Module:
        self_attn = self_attention(
            c,
            bias=c.attention_bias,
            window=window_of(c, layer_type),
            more={"sinks": Weight((c.num_attention_heads,))},
        )
        return pre_norm_layer(c.hidden_size, self_attn, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias))

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))


@family("granitemoe", "GraniteMoeForCausalLM")
def granitemoe(c: Config) -> Module:
    """Experts in every layer."""
    layer = _sparse_layer(c)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


@family("granitemoeshared", "GraniteMoeSharedForCausalLM")
def granitemoeshared(c: Config) -> Module:
    """Experts in every layer, and a shared block where it has a `shared_intermediate_size`."""
    shared_intermediate_size = c.shared_intermediate_size
    shared = (
        fused_gated_mlp(c.hidden_size, shared_intermediate_size, names=("input_linear", "output_linear"))
        if shared_intermediate_size
        else None
    )
    layer = _sparse_layer(c, shared)
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))


def _sparse_layer(c: Config, shared: Module | None = None) -> Module:
    hidden_size, count = c.hidden_size, c.num_local_experts
    return module(
        self_attn=self_attention(c, bias=c.attention_bias),
        block_sparse_moe=module(
            router=router(count, hidden_size),
            experts=experts(count, c.num_experts_per_tok, hidden_size, c.intermediate_size),
        ),
        input_layernorm=rms_norm(hidden_size),
        post_attention_layernorm=rms_norm(hidden_size),
        shared_mlp=shared,
    )
