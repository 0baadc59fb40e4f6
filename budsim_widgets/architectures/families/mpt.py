"""MPT: no positions but a slope for each head, one fused projection, and no bias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import layer_norm, mlp
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mpt", "MptForCausalLM")
@family("mpt", "MPTForCausalLM")
def mpt(c: Config) -> Module:
    """No bias anywhere."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        norm_1=layer_norm(hidden_size, bias=False),
        attn=fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            names=("Wqkv", "out_proj"),
        ),
        norm_2=layer_norm(hidden_size, bias=False),
        ffn=mlp(hidden_size, 4 * hidden_size, bias=False),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size, bias=False),
        base="transformer",
        embed_name="wte",
        layers_name="blocks",
        norm_name="norm_f",
    )
