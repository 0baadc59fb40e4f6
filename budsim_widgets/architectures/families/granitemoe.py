"""IBM's Granite with experts: alone, beside a shared block, with windows and sinks, or with Mamba-2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, fused_gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention, window_of
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


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


@family("granitemoehybrid", "GraniteMoeHybridForCausalLM")
def granitemoehybrid(c: Config) -> Module:
    """`layer_types` says which layers attend; by default none."""

    def layer(layer_type: str) -> Module:
        is_recurrent = layer_type in {"mamba", "linear_attention"}
        return module(
            input_layernorm=rms_norm(c.hidden_size),
            post_attention_layernorm=rms_norm(c.hidden_size),
            block_sparse_moe=_experts(c) if c.num_local_experts else None,
            shared_mlp=_shared(c),
            mamba=_mamba(c) if is_recurrent else None,
            self_attn=None if is_recurrent else self_attention(c, bias=c.attention_bias),
        )

    kinds = c.get("layer_types", c.get("layers_block_type", ["mamba"] * c.num_hidden_layers))
    return causal_lm(c, stack(kinds, layer), norm=rms_norm(c.hidden_size))


@family("granitemoe_swa", "GraniteMoeSWAForCausalLM")
def granitemoe_swa(c: Config) -> Module:
    """Attention only, with sinks; the first of every four layers is full."""
    default = ["sliding_attention" if index % 4 else "full_attention" for index in range(c.num_hidden_layers)]

    def layer(layer_type: str) -> Module:
        return module(
            self_attn=self_attention(
                c,
                bias=c.attention_bias,
                window=window_of(c, layer_type),
                more={"sinks": Weight((c.num_attention_heads,))},
            ),
            input_layernorm=rms_norm(c.hidden_size),
            post_attention_layernorm=rms_norm(c.hidden_size),
            block_sparse_moe=_experts(c),
            shared_mlp=_shared(c) if c.shared_intermediate_size else None,
        )

    return causal_lm(c, stack(c.get("layer_types", default), layer), norm=rms_norm(c.hidden_size))


def _experts(c: Config) -> Module:
    hidden_size, count = c.hidden_size, c.num_local_experts
    return module(
        router=router(count, hidden_size),
        experts=experts(count, c.num_experts_per_tok, hidden_size, c.intermediate_size),
    )


def _shared(c: Config) -> Module:
    return fused_gated_mlp(c.hidden_size, c.shared_intermediate_size, names=("input_linear", "output_linear"))


def _mamba(c: Config) -> Module:
    mamba_intermediate_size = c.mamba_expand * c.hidden_size
    return mamba2_mixer(
        c.hidden_size,
        c.mamba_n_heads,
        mamba_intermediate_size // c.mamba_n_heads,
        groups=c.mamba_n_groups,
        state_size=c.mamba_d_state,
        conv_kernel=c.mamba_d_conv,
        bias=c.mamba_proj_bias,
        conv_bias=c.mamba_conv_bias,
    )
