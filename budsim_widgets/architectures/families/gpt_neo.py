"""EleutherAI's GPT-Neo and GPT-NeoX, and the Japanese GPT-NeoX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, fused_attention, kv_cache
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.gpt2 import gpt2_frame
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import causal_lm, head
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("gpt_neo", "GPTNeoForCausalLM", extras=causal_masks("transformer.h.*.attn.attention.bias"))
def gpt_neo(c: Config) -> Module:
    """Its local layers attend to a window, but keep all tokens."""
    hidden_size, num_attention_heads, names = (
        c.hidden_size,
        c.num_attention_heads,
        ("q_proj", "k_proj", "v_proj", "out_proj"),
    )
    layer = module(
        ln_1=layer_norm(hidden_size),
        attn=module(
            attention=attention(
                hidden_size,
                num_attention_heads,
                num_attention_heads,
                hidden_size // num_attention_heads,
                out_bias=True,
                names=names,
            )
        ),
        ln_2=layer_norm(hidden_size),
        mlp=mlp(hidden_size, c.get("intermediate_size", 4 * hidden_size), names=("c_fc", "c_proj")),
    )
    return gpt2_frame(c, layer)


@family("gpt_neox", "GPTNeoXForCausalLM", extras=causal_masks("gpt_neox.layers.*.attention.bias"))
def gpt_neox(c: Config) -> Module:
    """Rotary positions; one fused projection for queries, keys and values."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    layer = module(
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
        attention=fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=c.attention_bias,
            names=("query_key_value", "dense"),
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("dense_h_to_4h", "dense_4h_to_h")),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(hidden_size),
        base="gpt_neox",
        embed_name="embed_in",
        norm_name="final_layer_norm",
    )


@family("gpt_neox_japanese", "GPTNeoXJapaneseForCausalLM")
def gpt_neox_japanese(c: Config) -> Module:
    """GPT-NeoX without biases but one, in the last layer's attention."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads

    def layer(*, is_last: bool) -> Module:
        return module(
            input_layernorm=layer_norm(hidden_size),
            post_attention_layernorm=layer_norm(hidden_size),
            attention=module(
                query_key_value=linear(hidden_size, 3 * hidden_size),
                dense=linear(hidden_size, hidden_size),
                dense_bias=Weight((hidden_size,), "bias") if is_last else None,
                cache=kv_cache(num_attention_heads, num_attention_heads, hidden_size // num_attention_heads),
            ),
            mlp=mlp(
                hidden_size,
                int(hidden_size * c.intermediate_multiple_size),
                bias=False,
                names=("dense_h_to_4h", "dense_4h_to_h"),
            ),
        )

    last = (index == c.num_hidden_layers - 1 for index in range(c.num_hidden_layers))
    return module(
        gpt_neox_japanese=module(
            embed_in=embedding(c.vocab_size, hidden_size),
            layers=stack(last, lambda is_last: layer(is_last=is_last)),
            final_layer_norm=layer_norm(hidden_size),
        ),
        embed_out=head(c),
    )
