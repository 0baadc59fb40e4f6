"""ChatGLM 2 and 3 and the first GLM-4, whose code lies beside their weights on the Hub.

Confirmed by the totals that their pages publish: ChatGLM3-6B 6,243,584,000; glm-4-9b-chat 9,399,951,360;
chatglm-6b, the first, 6,173,286,400.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import fused_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, linear, rms_norm
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("chatglm", "ChatGLMForConditionalGeneration")
@family("chatglm", "ChatGLMModel")
def chatglm(c: Config) -> Module:
    """Fused projections; groups of queries share keys."""
    if "inner_hidden_size" in c:
        return _first_chatglm(c)
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    num_key_value_heads = c.multi_query_group_num if c.get("multi_query_attention", False) else num_attention_heads
    everywhere = c.get("add_bias_linear", False)
    attention = fused_attention(
        hidden_size,
        num_attention_heads,
        num_key_value_heads,
        c.get("kv_channels", hidden_size // num_attention_heads),
        bias=everywhere or c.get("add_qkv_bias", False),
        out_bias=everywhere,
        names=("query_key_value", "dense"),
    )
    feed_forward = module(
        dense_h_to_4h=linear(hidden_size, 2 * c.ffn_hidden_size, bias=everywhere),
        dense_4h_to_h=linear(c.ffn_hidden_size, hidden_size, bias=everywhere),
    )
    layer = module(
        input_layernorm=rms_norm(hidden_size),
        self_attention=attention,
        post_attention_layernorm=rms_norm(hidden_size),
        mlp=feed_forward,
    )
    encoder = module(
        layers=repeat(c.num_layers, layer),
        final_layernorm=rms_norm(hidden_size) if c.get("post_layer_norm", True) else None,
    )
    words = embedding(c.padded_vocab_size, hidden_size)
    output = None if c.get("tie_word_embeddings", False) else linear(hidden_size, c.padded_vocab_size, role="head")
    return module(transformer=module(embedding=module(word_embeddings=words), encoder=encoder, output_layer=output))


def _first_chatglm(c: Config) -> Module:
    """ChatGLM-6B: biases everywhere, a plain feed-forward block, and a head that is tied to the embedding."""
    hidden_size, num_attention_heads = c.hidden_size, c.num_attention_heads
    norm = layer_norm(hidden_size)
    layer = module(
        input_layernorm=norm,
        attention=fused_attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            out_bias=True,
            names=("query_key_value", "dense"),
        ),
        post_attention_layernorm=norm,
        mlp=module(
            dense_h_to_4h=linear(hidden_size, c.inner_hidden_size, bias=True),
            dense_4h_to_h=linear(c.inner_hidden_size, hidden_size, bias=True),
        ),
    )
    words = embedding(c.vocab_size, hidden_size)
    layers = repeat(c.num_layers, layer)
    return module(transformer=module(word_embeddings=words, layers=layers, final_layernorm=norm))
