"""Kolibri 1: experts everywhere, norms around both blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.blocks.moe_decoder import experts_of_config
from budsim_widgets.architectures.parts import module, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("kolibri1", "Kolibri1ForCausalLM")
def kolibri1(c: Config) -> Module:
    """Experts everywhere, norms around both blocks; every fifth layer is full."""
    hidden_size = c.hidden_size

    def layer(layer_type: str) -> Module:
        sparse = module(
            experts=experts_of_config(c),
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
