"""A decoder of text that attends to a Conformer's vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import embedding, layer_norm, mlp
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


def asr_decoder(c: Config, **more: Part) -> Module:
    """Embedding, layers that attend to the encoder's vectors, and norms before and behind them.

    Args:
        c: The decoder's config.
        more: Further parts by name, such as learned positions.
    """
    hidden_size, num_attention_heads, num_key_value_heads, bias = (
        c.hidden_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.attention_bias,
    )
    layer = module(
        self_attn=attention(hidden_size, num_attention_heads, num_key_value_heads, c.head_dim, bias=bias),
        encoder_attn=cross_attention(
            hidden_size, num_attention_heads, c.head_dim, bias=bias, num_key_value_heads=num_key_value_heads
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
        final_layernorm=layer_norm(hidden_size),
    )
    return module(
        {
            "embed_tokens": embedding(c.vocab_size, hidden_size),
            "layers": repeat(c.num_hidden_layers, layer),
            "norm": layer_norm(hidden_size),
            "embedding_layernorm": layer_norm(hidden_size),
            **more,
        }
    )
