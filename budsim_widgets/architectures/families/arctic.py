"""Snowflake's Arctic: a dense model of 10B beside experts of 468.5B, as its code on the Hub has it.

An estimate: 128 experts of 3.66B and 480B in all are published, 478.6B follow from the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, mixture_of_experts, rms_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("arctic", "ArcticForCausalLM", basis="estimate", notes=unconfirmed_notes)
def arctic(c: Config) -> Module:
    """Every n-th layer has experts; beside them stands a block as wide as the model, behind a norm of its own."""
    hidden_size, every = c.hidden_size, c.get("moe_layer_frequency", 2)
    if every < 1:
        raise inconsistent("moe_layer_frequency", "`moe_layer_frequency` must be 1 or more.")
    has_residual = c.get("parallel_attn_mlp_res", False)

    def layer(has_experts: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        dense = gated_mlp(hidden_size, c.intermediate_size, names=("w1", "w3", "w2"))
        experts = mixture_of_experts(
            hidden_size, c.get("num_local_experts", 8), c.get("num_experts_per_tok", 1), c.intermediate_size
        )
        beside = has_residual and has_experts
        return pre_norm_layer(
            hidden_size,
            self_attention(c, bias=c.get("attention_bias", False)),
            experts if has_experts else dense,
            residual_layernorm=rms_norm(hidden_size) if beside else None,
            residual_mlp=gated_mlp(hidden_size, hidden_size, names=("w1", "w3", "w2")) if beside else None,
        )

    layers = stack([(index + 1) % every == 0 for index in range(c.num_hidden_layers)], layer)
    return causal_lm(c, layers, norm=rms_norm(hidden_size))
