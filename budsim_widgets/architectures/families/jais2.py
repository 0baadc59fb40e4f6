"""Jais 2: layer norms and a plain feed-forward block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import self_attention
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("jais2", "Jais2ForCausalLM")
def jais2(c: Config) -> Module:
    """Layer norms and a plain feed-forward block, with biases."""
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size)
    layer = module(
        self_attn=self_attention(c, bias=c.attention_bias),
        mlp=mlp(hidden_size, c.intermediate_size, bias=c.mlp_bias),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )
    return uniform_decoder(c, layer, norm)
