"""CTRL: computed positions, and a head that keeps its bias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("ctrl", "CTRLLMHeadModel")
def ctrl(c: Config) -> Module:
    """Computed positions; the head keeps a bias of its own even where it is tied."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        multi_head_attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            names=("Wq", "Wk", "Wv", "dense"),
        ),
        ffn=mlp(hidden_size, c.dff, names=("0", "2")),
        layernorm1=layer_norm(hidden_size),
        layernorm2=layer_norm(hidden_size),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="transformer",
        embed_name="w",
        layers_name="h",
        norm_name="layernorm",
        head_bias=True,
    )
