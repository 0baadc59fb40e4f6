"""Relatives of GPT-2: the first GPT, CTRL, GPT-Neo, SantaCoder's GPT, and the Japanese GPT-NeoX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, kv_cache
from budsim_widgets.architectures.blocks.buffers import causal_masks
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, mlp, transposed_linear
from budsim_widgets.architectures.blocks.models import causal_lm, head
from budsim_widgets.architectures.parts import Module, Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config


@family("openai-gpt", "OpenAIGPTLMHeadModel")
def openai_gpt(c: Config) -> Module:
    """Norms behind the blocks, none at the end; transformers keeps no cache for it."""
    hidden_size = c.hidden_size
    layer = module(
        attn=module(
            c_attn=transposed_linear(hidden_size, 3 * hidden_size), c_proj=transposed_linear(hidden_size, hidden_size)
        ),
        ln_1=layer_norm(hidden_size),
        mlp=module(
            c_fc=transposed_linear(hidden_size, 4 * hidden_size), c_proj=transposed_linear(4 * hidden_size, hidden_size)
        ),
        ln_2=layer_norm(hidden_size),
    )
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=None,
        base="transformer",
        embed_name="tokens_embed",
        layers_name="h",
        positions_embed=embedding(c.n_positions, hidden_size),
    )


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


@family("gpt_neo", "GPTNeoForCausalLM", extras=causal_masks("transformer.h.*.attn.attention.bias"))
def gpt_neo(c: Config) -> Module:
    """Its local layers look at a window, but keep all tokens."""
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
    return _gpt2_frame(c, layer)


@family("gpt_bigcode", "GPTBigCodeForCausalLM", extras=causal_masks("transformer.h.*.attn.bias"))
def gpt_bigcode(c: Config) -> Module:
    """GPT-2 with one key head for all queries, and weights stored as [out, in]; all heads where it reads an encoder."""
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
    return _gpt2_frame(c, layer)


def _cross_attention(hidden_size: int) -> Module:
    return module(
        c_attn=linear(hidden_size, 2 * hidden_size, bias=True),
        q_attn=linear(hidden_size, hidden_size, bias=True),
        c_proj=linear(hidden_size, hidden_size, bias=True),
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


def _gpt2_frame(c: Config, layer: Module) -> Module:
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=layer_norm(c.hidden_size),
        base="transformer",
        embed_name="wte",
        layers_name="h",
        norm_name="ln_f",
        wpe=embedding(c.max_position_embeddings, c.hidden_size),
    )
