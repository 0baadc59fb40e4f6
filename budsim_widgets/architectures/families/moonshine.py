"""Moonshine: an encoder of the sound wave itself, and a decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention, cross_attention
from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("moonshine", "MoonshineForConditionalGeneration")
def moonshine(c: Config) -> Module:
    """The input is the sound wave itself; norms without biases, a gated feed-forward block in the decoder."""
    hidden_size = c.hidden_size
    encoder = module(
        conv1=conv(hidden_size, 1, 127, bias=False),
        conv2=conv(2 * hidden_size, hidden_size, 7),
        conv3=conv(hidden_size, 2 * hidden_size, 3),
        groupnorm=layer_norm(hidden_size),
        layers=repeat(c.encoder_num_hidden_layers, _encoder_layer(c)),
        layer_norm=layer_norm(hidden_size, bias=False),
    )
    decoder = module(
        embed_tokens=embedding(c.vocab_size, hidden_size),
        layers=repeat(c.decoder_num_hidden_layers, _decoder_layer(c)),
        norm=layer_norm(hidden_size, bias=False),
    )
    return module(model=module(encoder=encoder, decoder=decoder), proj_out=head(c))


def _encoder_layer(c: Config) -> Module:
    hidden_size, encoder_num_attention_heads, norm = (
        c.hidden_size,
        c.encoder_num_attention_heads,
        layer_norm(c.hidden_size, bias=False),
    )
    encoder_num_key_value_heads = c.get("encoder_num_key_value_heads", encoder_num_attention_heads)
    return module(
        self_attn=attention(
            hidden_size,
            encoder_num_attention_heads,
            encoder_num_key_value_heads,
            c.get("head_dim", hidden_size // encoder_num_attention_heads),
            bias=c.attention_bias,
            out_bias=False,
            cached=False,
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
        input_layernorm=norm,
        post_attention_layernorm=norm,
    )


def _decoder_layer(c: Config) -> Module:
    hidden_size, norm = c.hidden_size, layer_norm(c.hidden_size, bias=False)
    # Building the encoder, transformers 5 writes its heads into the config, and the decoder takes them from there.
    source = "encoder" if c.encoder_num_hidden_layers else "decoder"
    num_attention_heads = c.get(f"{source}_num_attention_heads")
    num_key_value_heads = c.get(f"{source}_num_key_value_heads", num_attention_heads)
    head_dim, bias = c.get("head_dim", hidden_size // num_attention_heads), c.attention_bias
    own = attention(hidden_size, num_attention_heads, num_key_value_heads, head_dim, bias=bias, out_bias=False)
    read = cross_attention(
        hidden_size, num_attention_heads, head_dim, bias=bias, out_bias=False, num_key_value_heads=num_key_value_heads
    )
    return module(
        self_attn=own,
        encoder_attn=read,
        mlp=module(
            fc1=linear(hidden_size, 2 * c.intermediate_size, bias=True),
            fc2=linear(c.intermediate_size, hidden_size, bias=True),
        ),
        input_layernorm=norm,
        post_attention_layernorm=norm,
        final_layernorm=norm,
    )
