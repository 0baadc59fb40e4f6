"""NVIDIA's Parakeet, a Conformer, and Canary, which adds a decoder of text."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.asr_decoder import asr_decoder
from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, layer_norm, linear, mlp
from budsim_widgets.architectures.blocks.models import head
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family, part_of

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part


@family("parakeet_encoder", "ParakeetEncoder")
def parakeet_encoder(c: Config) -> Module:
    """Convolutions that shorten the spectrogram, and Conformer layers."""
    return module(subsampling=_subsampling(c), layers=repeat(c.num_hidden_layers, _conformer_layer(c)))


def _subsampling(c: Config) -> Module:
    """Halvings of time and pitch; between the convolutions stand activations, which count in the names."""
    channels, kernel, stride = c.subsampling_conv_channels, c.subsampling_conv_kernel_size, c.subsampling_conv_stride
    num_halvings = int(log2(c.subsampling_factor))
    layers: dict[str, Part | None] = {"0": conv(channels, 1, kernel, kernel)}
    for index in range(num_halvings - 1):
        layers[str(3 * index + 2)] = conv(channels, 1, kernel, kernel)
        layers[str(3 * index + 3)] = conv(channels, channels, 1, 1)
    num_frequencies = c.num_mel_bins // stride**num_halvings
    return module(layers=module(layers), linear=linear(channels * num_frequencies, c.hidden_size, bias=True))


def _conformer_layer(c: Config) -> Module:
    hidden_size, num_attention_heads, bias, conv_bias = (
        c.hidden_size,
        c.num_attention_heads,
        c.attention_bias,
        c.convolution_bias,
    )
    head_dim = c.get("head_dim", hidden_size // num_attention_heads)
    feed_forward, norm = (
        mlp(hidden_size, c.intermediate_size, bias=bias, names=("linear1", "linear2")),
        layer_norm(hidden_size),
    )
    table = Weight((num_attention_heads, head_dim), "bias")
    return module(
        feed_forward1=feed_forward,
        self_attn=attention(
            hidden_size,
            num_attention_heads,
            c.num_key_value_heads,
            head_dim,
            bias=bias,
            cached=False,
            relative_k_proj=linear(hidden_size, num_attention_heads * head_dim),
            bias_u=table,
            bias_v=table,
        ),
        conv=module(
            pointwise_conv1=conv(2 * hidden_size, hidden_size, 1, bias=conv_bias),
            depthwise_conv=depthwise_conv(hidden_size, c.conv_kernel_size, bias=conv_bias),
            norm=norm,
            pointwise_conv2=conv(hidden_size, hidden_size, 1, bias=conv_bias),
        ),
        feed_forward2=feed_forward,
        norm_feed_forward1=norm,
        norm_self_att=norm,
        norm_conv=norm,
        norm_feed_forward2=norm,
        norm_out=norm,
    )


@family("canary", "CanaryForConditionalGeneration")
def canary(c: Config) -> Module:
    """Computed positions."""
    decoder = c.decoder_config
    return module(
        model=module(encoder=part_of(c.encoder_config), decoder=asr_decoder(decoder)),
        proj_out=head(decoder, bias=True, tied=c.tie_word_embeddings),
    )
