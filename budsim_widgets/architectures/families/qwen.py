"""The first Qwen, whose code lies beside its weights: 7,721,324,544 parameters in its 7B, as its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import linear, rms_norm
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("qwen", "QWenLMHeadModel")
def qwen(c: Config) -> Module:
    """The first Qwen; each way of its feed-forward block is half of `intermediate_size` wide."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    projected, intermediate_size, bias = (
        num_attention_heads * c.get("kv_channels", hidden_size // num_attention_heads),
        c.intermediate_size // 2,
        not c.no_bias,
    )
    attn = fused_attention(
        hidden_size,
        num_attention_heads,
        num_attention_heads,
        projected // num_attention_heads,
        bias=True,
        out_bias=bias,
        names=("c_attn", "c_proj"),
    )
    layer = module(
        ln_1=rms_norm(hidden_size),
        attn=attn,
        ln_2=rms_norm(hidden_size),
        mlp=module(
            w1=linear(hidden_size, intermediate_size, bias=bias),
            w2=linear(hidden_size, intermediate_size, bias=bias),
            c_proj=linear(intermediate_size, hidden_size, bias=bias),
        ),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=rms_norm(hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
    )
