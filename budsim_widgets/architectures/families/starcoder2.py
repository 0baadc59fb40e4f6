"""StarCoder 2: layer norms and a plain feed-forward block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm, self_attention
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("starcoder2", "Starcoder2ForCausalLM")
def starcoder2(c: Config) -> Module:
    """A plain feed-forward block; the window, where set, holds for all layers."""
    hidden_size = c.hidden_size
    layer = module(
        self_attn=self_attention(c, bias=c.use_bias, window=c.get("sliding_window")),
        mlp=mlp(hidden_size, c.intermediate_size, bias=c.use_bias, names=("c_fc", "c_proj")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
    )
    return causal_lm(c, repeat(c.num_hidden_layers, layer), norm=layer_norm(hidden_size))
