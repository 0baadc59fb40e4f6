"""Mixtral: Mistral with a mixture of experts in every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mixtral", "MixtralForCausalLM")
def mixtral(c: Config) -> Module:
    """The window, where set, holds for all layers."""
    hidden_size = c.hidden_size
    layer = pre_norm_layer(
        hidden_size,
        self_attention(c, window=c.get("sliding_window")),
        module(
            gate=router(c.num_local_experts, hidden_size),
            experts=experts(c.num_local_experts, c.num_experts_per_tok, hidden_size, c.intermediate_size),
        ),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(hidden_size))
