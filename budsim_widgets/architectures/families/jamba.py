"""Jamba: of eight layers one attends, the others are Mamba-1; every second one has experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.mamba import hybrid_attention, hybrid_decoder, hybrid_layer, time_step_rank
from budsim_widgets.architectures.blocks.mixers import mamba_mixer
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("jamba", "JambaForCausalLM")
def jamba(c: Config) -> Module:
    """Of eight layers, one attends and the others are Mamba-1; every second one has experts."""
    hidden_size = c.hidden_size

    def layer(has_attention: bool, sparse: bool) -> Module:  # noqa: FBT001 - one value a layer
        feed_forward = _experts(c) if sparse else gated_mlp(hidden_size, c.intermediate_size)
        return hybrid_layer(
            c, feed_forward, **({"self_attn": hybrid_attention(c)} if has_attention else {"mamba": _mixer(c)})
        )

    attention_layers, sparse = _every(c, "attn_layer"), _every(c, "expert_layer")
    kinds = zip(attention_layers, (has_experts and c.num_experts > 1 for has_experts in sparse), strict=True)
    return hybrid_decoder(c, stack(kinds, layer))


def _mixer(c: Config) -> Module:
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


def _experts(c: Config) -> Module:
    hidden_size = c.hidden_size
    return module(
        router=router(c.num_experts, hidden_size),
        experts=experts(c.num_experts, c.num_experts_per_tok, hidden_size, c.intermediate_size),
    )


def _every(c: Config, name: str) -> list[bool]:
    """Which layers `{name}_period` and `{name}_offset` pick."""
    period, offset = getattr(c, f"{name}_period"), getattr(c, f"{name}_offset")
    if offset >= period:
        raise inconsistent(f"{name}_offset", f"`{name}_offset` {offset} must be smaller than the period {period}.")
    return [index % period == offset for index in range(c.num_hidden_layers)]
