"""Wav2Vec2's parts: convolutions over the sound wave, positions by convolution, and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.bart import BART_PROJECTIONS
from budsim_widgets.architectures.blocks.layers import conv, layer_norm, linear, mlp
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, stack

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Stack

WAV2VEC2_FEED_FORWARD = ("intermediate_dense", "output_dense")


def masked_spec_embed(c: Config) -> Weight | None:
    """The vector in place of masked sound, where training masks some."""
    hides = c.get("mask_time_prob", 0.05) > 0 or c.get("mask_feature_prob", 0.0) > 0
    return Weight((c.hidden_size,), "embedding") if hides else None


def feature_extractor(c: Config) -> Module:
    """Convolutions over the wave: a norm behind each, or only behind the first (`feat_extract_norm`)."""
    return module(conv_layers=normed_convolutions(c, everywhere=c.get("feat_extract_norm", "group") == "layer"))


def normed_convolutions(c: Config, *, everywhere: bool = True) -> Stack:
    """Convolutions over the wave, of `conv_dim` channels and `conv_kernel` samples.

    Args:
        c: The config: `conv_dim`, `conv_kernel`, `conv_bias`.
        everywhere: Whether a norm stands behind each; else only behind the first.

    Raises:
        ConfigError: `INCONSISTENT`, where the lists are of different lengths.
    """
    conv_dim, kernels = c.conv_dim, c.conv_kernel
    if len(conv_dim) != len(kernels):
        raise inconsistent("conv_kernel", f"`conv_kernel` lists {len(kernels)} layers, but `conv_dim` {len(conv_dim)}.")

    def layer(in_channels: int, out_channels: int, kernel: int, is_normed: bool) -> Module:  # noqa: FBT001 - one of its values
        return module(
            conv=conv(out_channels, in_channels, kernel, bias=c.conv_bias),
            layer_norm=layer_norm(out_channels) if is_normed else None,
        )

    normed = [everywhere or index == 0 for index in range(len(conv_dim))]
    return stack(zip([1, *conv_dim[:-1]], conv_dim, kernels, normed, strict=True), layer)


def feature_projection(c: Config) -> Module:
    """The norm and the projection between the convolutions and the layers."""
    channels = c.conv_dim[-1]
    return module(layer_norm=layer_norm(channels), projection=linear(channels, c.hidden_size, bias=True))


def positional_convolution(c: Config) -> Module:
    """A convolution that stands for positions, its weight kept as direction and length."""
    hidden_size, kernel, groups = c.hidden_size, c.num_conv_pos_embeddings, c.num_conv_pos_embedding_groups
    weight = module(
        original0=Weight((1, 1, kernel), "conv"), original1=Weight((hidden_size, hidden_size // groups, kernel), "conv")
    )
    return module(conv=module(bias=Weight((hidden_size,), "bias"), parametrizations=module(weight=weight)))


def wav2vec2_layer(c: Config, num_attention_heads: int, intermediate_size: int) -> Module:
    """Attention and a feed-forward block, each followed by its norm."""
    hidden_size = c.hidden_size
    return module(
        attention=attention(
            hidden_size,
            num_attention_heads,
            num_attention_heads,
            hidden_size // num_attention_heads,
            bias=True,
            names=BART_PROJECTIONS,
            cached=False,
        ),
        layer_norm=layer_norm(hidden_size),
        feed_forward=mlp(hidden_size, intermediate_size, names=WAV2VEC2_FEED_FORWARD),
        final_layer_norm=layer_norm(hidden_size),
    )
