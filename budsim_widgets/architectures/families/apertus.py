"""Apertus: Llama with a plain feed-forward block whose activation has two weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import self_attention
from budsim_widgets.architectures.parts import Weight, module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("apertus", "ApertusForCausalLM")
def apertus(c: Config) -> Module:
    """A plain feed-forward block whose activation learns two numbers."""
    hidden_size = c.hidden_size
    activation = module(alpha_p=Weight((1,)), alpha_n=Weight((1,))) if c.get("hidden_act", "xielu") == "xielu" else None
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias, qk_norm=rms_norm(c.head_dim)),
        mlp=module({**mlp(hidden_size, c.intermediate_size, bias=False).children, "act_fn": activation}),
        attention_layernorm=rms_norm(hidden_size),
        feedforward_layernorm=rms_norm(hidden_size),
    )
    return uniform_decoder(c, layer)
