"""GPT-2, and GPT-SW3, which is one: learned positions, weights stored as [in, out]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import kv_cache
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, transposed_linear
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gpt2", "GPT2LMHeadModel", extras=causal_masks("transformer.h.*.attn.bias"))
@family("gpt-sw3", "GPT2LMHeadModel", extras=causal_masks("transformer.h.*.attn.bias"))
def gpt2(c: Config) -> Module:
    """Learned positions; weights stored as [in, out]."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    n_inner = c.get("n_inner", 4 * hidden_size)
    reads_encoder = c.get("add_cross_attention", False)
    layer = module(
        ln_1=layer_norm(hidden_size),
        attn=module(
            c_attn=transposed_linear(hidden_size, 3 * hidden_size),
            c_proj=transposed_linear(hidden_size, hidden_size),
            cache=kv_cache(num_attention_heads, num_attention_heads, hidden_size // num_attention_heads),
        ),
        ln_2=layer_norm(hidden_size),
        crossattention=_cross_attention(hidden_size) if reads_encoder else None,
        ln_cross_attn=layer_norm(hidden_size) if reads_encoder else None,
        mlp=module(c_fc=transposed_linear(hidden_size, n_inner), c_proj=transposed_linear(n_inner, hidden_size)),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
        wpe=embedding(c.max_position_embeddings, hidden_size),
    )


def _cross_attention(hidden_size: int) -> Module:
    """Without an encoder's output, as in a model that only generates text, it keeps nothing."""
    return module(
        c_attn=transposed_linear(hidden_size, 2 * hidden_size),
        q_attn=transposed_linear(hidden_size, hidden_size),
        c_proj=transposed_linear(hidden_size, hidden_size),
    )
