"""Jamba, Bamba and Falcon H1: attention beside Mamba, in some layers or in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer, mamba_mixer
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.families.mamba import time_step_rank
from budsim_widgets.architectures.parts import Module, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part, Stack


@family("jamba", "JambaForCausalLM")
def jamba(c: Config) -> Module:
    """Of eight layers, one attends and the others are Mamba-1; every second one has experts."""
    hidden_size = c.hidden_size

    def layer(attends: bool, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        feed_forward = _jamba_experts(c) if sparse else gated_mlp(hidden_size, c.intermediate_size)
        return _layer(c, feed_forward, **({"self_attn": _attention(c)} if attends else {"mamba": _jamba_mixer(c)}))

    attending, sparse = _every(c, "attn_layer"), _every(c, "expert_layer")
    kinds = zip(attending, (has_experts and c.num_experts > 1 for has_experts in sparse), strict=True)
    return _model(c, stack(kinds, layer))


@family("bamba", "BambaForCausalLM")
def bamba(c: Config) -> Module:
    """The layers of `attn_layer_indices` attend, the others are Mamba-2."""
    mamba_intermediate_size = c.get("mamba_expand", 2) * c.hidden_size

    def layer(attends: bool) -> Module:  # noqa: FBT001 - one value a layer
        part = (
            {"self_attn": _attention(c)}
            if attends
            else {"mamba": _mamba2(c, mamba_intermediate_size, out_bias=c.mamba_proj_bias)}
        )
        return _layer(c, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias), **part)

    attending = set(c.get("attn_layer_indices", ()))
    return _model(c, stack([index in attending for index in range(c.num_hidden_layers)], layer))


@family("falcon_h1", "FalconH1ForCausalLM")
def falcon_h1(c: Config) -> Module:
    """Every layer has attention and Mamba-2 side by side."""
    mamba_intermediate_size = c.get("mamba_d_ssm", c.get("mamba_expand", 2) * c.hidden_size)
    layer = _layer(
        c,
        gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias),
        self_attn=_attention(c),
        mamba=_mamba2(c, mamba_intermediate_size, out_bias=c.projectors_bias, gated_norm=c.mamba_rms_norm),
    )
    return _model(c, repeat(c.num_hidden_layers, layer))


def _model(c: Config, layers: Stack) -> Module:
    return causal_lm(c, layers, norm=rms_norm(c.hidden_size), norm_name="final_layernorm")


def _layer(c: Config, feed_forward: Module, **mixers: Part) -> Module:
    norm = rms_norm(c.hidden_size)
    return module(mixers, feed_forward=feed_forward, input_layernorm=norm, pre_ff_layernorm=norm)


def _attention(c: Config) -> Module:
    bias = c.get("attention_bias", False) if c.model_type != "jamba" else False
    return attention(c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, bias=bias)


def _jamba_mixer(c: Config) -> Module:
    rank = time_step_rank(c.mamba_dt_rank, c.hidden_size)
    return mamba_mixer(
        c.hidden_size,
        c.mamba_expand * c.hidden_size,
        state_size=c.mamba_d_state,
        conv_kernel=c.mamba_d_conv,
        time_step_rank=rank,
        bias=c.mamba_proj_bias,
        conv_bias=c.mamba_conv_bias,
        dt_layernorm=rms_norm(rank),
        b_layernorm=rms_norm(c.mamba_d_state),
        c_layernorm=rms_norm(c.mamba_d_state),
    )


def _jamba_experts(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        router=router(c.num_experts, hidden_size),
        experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, c.intermediate_size),
    )


def _mamba2(c: Config, mamba_intermediate_size: int, *, out_bias: bool, gated_norm: bool = True) -> Module:
    mamba_n_heads, head_dim = c.mamba_n_heads, c.get("mamba_d_head", "auto")
    head_dim = mamba_intermediate_size // mamba_n_heads if head_dim == "auto" else head_dim
    if mamba_n_heads * head_dim != mamba_intermediate_size:
        raise inconsistent(
            "mamba_n_heads",
            f"{mamba_n_heads} heads of {head_dim} channels make no Mamba width of {mamba_intermediate_size}.",
        )
    return mamba2_mixer(
        c.hidden_size,
        mamba_n_heads,
        head_dim,
        groups=c.mamba_n_groups,
        state_size=c.mamba_d_state,
        conv_kernel=c.mamba_d_conv,
        bias=c.mamba_proj_bias,
        out_bias=out_bias,
        conv_bias=c.mamba_conv_bias,
        gated_norm=gated_norm,
    )


def _every(c: Config, name: str) -> list[bool]:
    """Which layers `{name}_period` and `{name}_offset` pick."""
    period, offset = getattr(c, f"{name}_period"), getattr(c, f"{name}_offset")
    if offset >= period:
        raise inconsistent(f"{name}_offset", f"`{name}_offset` {offset} must be smaller than the period {period}.")
    return [index % period == offset for index in range(c.num_hidden_layers)]
