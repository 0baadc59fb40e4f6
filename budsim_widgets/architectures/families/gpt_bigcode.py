"""SantaCoder and StarCoder: GPT-2 with one key head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.gpt2 import gpt2_frame
from budsim_widgets.architectures.blocks.layers import layer_norm, linear, mlp
from budsim_widgets.architectures.parts import module
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gpt_bigcode", "GPTBigCodeForCausalLM", extras=causal_masks("transformer.h.*.attn.bias"))
def gpt_bigcode(c: Config) -> Module:
    """GPT-2 with one key head for all queries, and weights stored as [out, in]; all heads where it has an encoder."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    num_key_value_heads = 1 if c.multi_query else num_attention_heads
    head_dim = hidden_size // num_attention_heads
    reads_encoder = c.get("add_cross_attention", False)
    if reads_encoder and c.multi_query:
        raise ConfigError("INCONSISTENT", "`multi_query` excludes `add_cross_attention`.", field="multi_query")
    layer = module(
        ln_1=layer_norm(hidden_size),
        crossattention=_cross_attention(hidden_size) if reads_encoder else None,
        ln_cross_attn=layer_norm(hidden_size) if reads_encoder else None,
        attn=module(
            c_attn=linear(hidden_size, hidden_size + 2 * num_key_value_heads * head_dim, bias=True),
            c_proj=linear(hidden_size, hidden_size, bias=True),
            cache=kv_cache(num_attention_heads, num_key_value_heads, head_dim),
        ),
        ln_2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.get("n_inner", 4 * hidden_size), names=("c_fc", "c_proj")),
    )
    return gpt2_frame(c, layer)


def _cross_attention(hidden_size: int) -> Module:
    return module(
        c_attn=linear(hidden_size, 2 * hidden_size, bias=True),
        q_attn=linear(hidden_size, hidden_size, bias=True),
        c_proj=linear(hidden_size, hidden_size, bias=True),
    )
