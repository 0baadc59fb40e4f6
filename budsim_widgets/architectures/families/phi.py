"""Phi 3: Llama with fused projections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import fused_gated_mlp, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer
from budsim_widgets.architectures.parts import repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("phi3", "Phi3ForCausalLM")
def phi3(c: Config) -> Module:
    """The window, where set, holds for all layers."""
    layer = pre_norm_layer(
        c.hidden_size,
        fused_attention(
            c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, window=c.get("sliding_window")
        ),
        fused_gated_mlp(c.hidden_size, c.intermediate_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=rms_norm(c.hidden_size))
