"""Mimi, Kyutai's codec of sound."""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, mlp, transposed_conv
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part

_RATIOS = (8, 6, 5, 4)


@family("mimi", "MimiModel")
def mimi(c: Config) -> Module:
    """Convolutions and attention in, codebooks, attention and convolutions out; its codebooks are buffers."""
    hidden_size, ratios = c.hidden_size, c.get("upsampling_ratios", _RATIOS)
    stride = _latent_stride(c, ratios)
    down = module(conv=conv(hidden_size, hidden_size, 2 * stride, bias=False)) if stride > 1 else None
    groups = c.upsample_groups
    up = (
        module(conv=transposed_conv(hidden_size, hidden_size, 2 * stride, groups=groups, bias=False))
        if stride > 1
        else None
    )
    encoder = module(encoder_seanet=_encoder(c, ratios), encoder_transformer=_transformer(c), downsample=down)
    decoder = module(upsample=up, decoder_transformer=_transformer(c), decoder_seanet=_decoder(c, ratios))
    vector_quantization_hidden_dimension = c.vector_quantization_hidden_dimension
    quantizer = module(
        input_proj=conv(vector_quantization_hidden_dimension, hidden_size, 1, bias=False)
        if vector_quantization_hidden_dimension != hidden_size
        else None,
        output_proj=conv(hidden_size, vector_quantization_hidden_dimension, 1, bias=False)
        if vector_quantization_hidden_dimension != hidden_size
        else None,
    )
    return module(
        encoder=encoder if c.fields.get("encoder_config", {}) is not None else None,
        decoder=decoder if c.fields.get("decoder_config", {}) is not None else None,
        quantizer=module(semantic_residual_vector_quantizer=quantizer, acoustic_residual_vector_quantizer=quantizer),
    )


def _latent_stride(c: Config, ratios: Sequence[int]) -> int:
    """How many frames of the convolutions make one of the codec; 1: as many."""
    hop = prod(ratios)
    frames = ceil(c.sampling_rate / hop)
    # Files say it under either name; the class itself writes the one with the underscore.
    given = c.get("_frame_rate", c.get("frame_rate"))
    frame_rate = given or c.sampling_rate / (2 * hop)
    return 1 if frame_rate == frames else int(frames / frame_rate)


def _transformer(c: Config) -> Module:
    hidden_size = c.hidden_size
    self_attn = attention(
        hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, bias=c.attention_bias, cached=False
    )
    scale = module(scale=Weight((hidden_size,)))
    layer = module(
        self_attn=self_attn,
        mlp=mlp(hidden_size, c.intermediate_size, bias=False, names=("fc1", "fc2")),
        input_layernorm=layer_norm(hidden_size),
        post_attention_layernorm=layer_norm(hidden_size),
        self_attn_layer_scale=scale,
        mlp_layer_scale=scale,
    )
    return module(layers=repeat(c.num_hidden_layers, layer))


def _residual(c: Config, channels: int) -> Module:
    """Two convolutions beside a way around them; activations count in the names."""
    hidden_channels = channels // c.compress
    block = {"1": _conv(c.residual_kernel_size, channels, hidden_channels), "3": _conv(1, hidden_channels, channels)}
    return module(block=module(block), shortcut=_conv(1, channels, channels) if c.use_conv_shortcut else None)


def _conv(kernel: int, in_channels: int, out_channels: int) -> Module:
    return module(conv=conv(out_channels, in_channels, kernel))


def _numbered(layers: list[Part | None]) -> Module:
    """Layers under their numbers; None stands for an activation."""
    return module(layers=module({str(index): layer for index, layer in enumerate(layers)}))


def _encoder(c: Config, ratios: Sequence[int]) -> Module:
    channels = c.num_filters
    layers: list[Part | None] = [_conv(c.kernel_size, c.audio_channels, channels)]
    for ratio in reversed(ratios):
        layers += [_residual(c, channels)] * c.num_residual_layers
        layers += [None, _conv(2 * ratio, channels, 2 * channels)]
        channels *= 2
    return _numbered([*layers, None, _conv(c.last_kernel_size, channels, c.hidden_size)])


def _decoder(c: Config, ratios: Sequence[int]) -> Module:
    channels = c.num_filters * 2 ** len(ratios)
    layers: list[Part | None] = [_conv(c.kernel_size, c.hidden_size, channels)]
    for ratio in ratios:
        layers += [None, module(conv=transposed_conv(channels, channels // 2, 2 * ratio))]
        channels //= 2
        layers += [_residual(c, channels)] * c.num_residual_layers
    return _numbered([*layers, None, _conv(c.last_kernel_size, channels, c.audio_channels)])
