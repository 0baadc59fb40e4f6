"""Orion, whose code lies beside its weights: Llama with layer norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import gated_mlp, layer_norm
from budsim_widgets.architectures.blocks.llama import unconfirmed_notes
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("orion", "OrionForCausalLM", basis="estimate", notes=unconfirmed_notes)
def orion(c: Config) -> Module:
    """Llama with layer norms."""
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size)
    layer = module(
        self_attn=self_attention(c, bias=c.get("attention_bias", False)),
        mlp=gated_mlp(hidden_size, c.intermediate_size),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=norm)
