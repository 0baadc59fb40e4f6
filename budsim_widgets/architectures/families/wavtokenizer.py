"""WavTokenizer, a codec that makes one token of 300 or more samples of sound; its codebook is a buffer."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, depthwise_conv, embedding, layer_norm, linear
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part

_RATIOS = (6, 5, 5, 4)


@family("wavtokenizer", "WavTokenizerModel")
def wavtokenizer(c: Config) -> Module:
    """Convolutions in; Vocos out, whose last layer gives a spectrum."""
    width, hop = c.decoder_hidden_size, prod(_ratios(c))
    return module(
        encoder_model=wavtokenizer_encoder(c),
        backbone=_vocos(c),
        head=module(linear=linear(width, 4 * hop + 2, bias=True)),
    )


@family("wavtokenizer_encoder", "WavTokenizerEncoderModel")
def wavtokenizer_encoder(c: Config) -> Module:
    """SEANet: each stage shortens the wave and doubles the channels; an LSTM behind them."""
    channels = c.num_filters
    layers: list[Part | None] = [_conv(c, channels, c.audio_channels, c.kernel_size)]
    for ratio in reversed(_ratios(c)):
        layers += [_residual(c, channels)] * c.num_residual_layers
        layers += [None, _conv(c, 2 * channels, channels, 2 * ratio)]
        channels *= 2
    layers += [module(lstm=_lstm(channels, c.num_lstm_layers)), None]
    layers += [_conv(c, c.hidden_size, channels, c.last_kernel_size)]
    return module(encoder=module(layers=module({str(index): layer for index, layer in enumerate(layers)})))


def _ratios(c: Config) -> Sequence[int]:
    return tuple(c.get("upsampling_ratios", _RATIOS))


def _conv(c: Config, out_channels: int, in_channels: int, kernel: int) -> Module:
    """A convolution whose weight is kept as direction and length, or one before a norm."""
    if c.get("norm_type", "weight_norm") == "time_group_norm":
        return module(conv=conv(out_channels, in_channels, kernel), norm=layer_norm(out_channels))
    weight = module(
        original0=Weight((out_channels, 1, 1), "conv"), original1=Weight((out_channels, in_channels, kernel), "conv")
    )
    return module(conv=module(bias=Weight((out_channels,), "bias"), parametrizations=module(weight=weight)))


def _residual(c: Config, channels: int) -> Module:
    """Two convolutions beside a way around them; activations count in the names."""
    hidden_channels = channels // c.compress
    block = {
        "1": _conv(c, hidden_channels, channels, c.residual_kernel_size),
        "3": _conv(c, channels, hidden_channels, 1),
    }
    return module(block=module(block), shortcut=_conv(c, channels, channels, 1) if c.use_conv_shortcut else None)


def _lstm(channels: int, count: int) -> Module:
    """Four gates a layer, each from the input and from the state."""
    shapes = {"weight_ih": (4 * channels, channels), "weight_hh": (4 * channels, channels)}
    biases = {"bias_ih": (4 * channels,), "bias_hh": (4 * channels,)}
    return module(
        {
            f"{name}_l{index}": Weight(shape, "bias" if name in biases else "other")
            for index in range(count)
            for name, shape in {**shapes, **biases}.items()
        }
    )


def _vocos(c: Config) -> Module:
    """Two pairs of residual blocks with attention between them, then ConvNeXt's blocks."""
    width, residual = c.decoder_hidden_size, _normed(c, {"conv1": 3, "conv2": 3}, ("norm1", "norm2"))
    attention = _normed(c, dict.fromkeys(("q", "k", "v", "proj_out"), 1), ("norm",))
    layers = {"0": residual, "1": residual, "2": attention, "3": residual, "4": residual, "5": layer_norm(width)}
    table = embedding(c.adanorm_num_embeddings, width)
    norm, inner = module(scale=table, shift=table), c.decoder_intermediate_size
    block = module(
        dwconv=depthwise_conv(width, 7),
        norm=norm,
        pwconv1=linear(width, inner, bias=True),
        pwconv2=linear(inner, width, bias=True),
        gamma=Weight((width,)),
    )
    return module(
        embed=conv(width, c.hidden_size, 7),
        pos_net=module(layers),
        norm=norm,
        convnext=repeat(c.decoder_num_layers, block),
        final_layer_norm=layer_norm(width),
    )


def _normed(c: Config, kernels: dict[str, int], norms: tuple[str, ...]) -> Module:
    """Convolutions of one width and their group norms.

    Raises:
        ConfigError: `INCONSISTENT`, where the groups can't share the channels.
    """
    width, num_groups = c.decoder_hidden_size, c.decoder_attention_num_groups
    if width % num_groups:
        message = f"{width} channels can't be shared among the {num_groups} groups of a norm."
        raise inconsistent("decoder_attention_num_groups", message)
    return module(
        {
            **{name: layer_norm(width) for name in norms},
            **{name: conv(width, width, kernel) for name, kernel in kernels.items()},
        }
    )
