"""HiFi-GAN as SeamlessM4T has it: from numbers of units to a waveform, with a voice and a language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import conv, embedding, layer_norm, linear, transposed_conv
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Stack, module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module

_EDGE_KERNEL: Final = 7


def vocoder(c: Config) -> Module:
    """Duration of each unit, tables of units, voices and languages, and the generator of the waveform.

    Source: `SeamlessM4TCodeHifiGan` of transformers 5.24; the same in its version 2.
    """
    width = c.unit_embed_dim
    return module(
        dur_predictor=duration_predictor(width, width, c.variance_predictor_kernel_size),
        unit_embedding=embedding(c.unit_hifi_gan_vocab_size, width),
        speaker_embedding=embedding(c.vocoder_num_spkrs, c.spkr_embed_dim),
        language_embedding=embedding(c.vocoder_num_langs, c.lang_embed_dim),
        hifi_gan=_generator(c, width + c.lang_embed_dim + c.spkr_embed_dim),
    )


def duration_predictor(embed_dim: int, hidden_dim: int, kernel: int) -> Module:
    """Two convolutions with norms, and a number of each position."""
    return module(
        conv1=conv(hidden_dim, embed_dim, kernel),
        ln1=layer_norm(hidden_dim),
        conv2=conv(hidden_dim, hidden_dim, kernel),
        ln2=layer_norm(hidden_dim),
        proj=linear(hidden_dim, 1, bias=True),
    )


def _generator(c: Config, in_channels: int) -> Module:
    """Each step lengthens the sound and halves its channels; behind it stand blocks of several kernels."""
    kernels = c.upsample_kernel_sizes[: len(c.upsample_rates)]
    channels = [c.upsample_initial_channel >> step for step in range(len(kernels) + 1)]
    if not kernels or not channels[-1]:
        message = f"{c.upsample_initial_channel} channels can't be halved {len(kernels)} times."
        raise inconsistent("upsample_initial_channel", message)
    steps = [
        transposed_conv(before, after, size)
        for before, after, size in zip(channels, channels[1:], kernels, strict=False)
    ]
    blocks = [
        _residual_block(width, kernel, len(dilations))
        for width in channels[1:]
        for kernel, dilations in zip(c.resblock_kernel_sizes, c.resblock_dilation_sizes, strict=False)
    ]
    return module(
        conv_pre=conv(channels[0], in_channels, _EDGE_KERNEL),
        upsampler=Stack(tuple((step, (index,)) for index, step in enumerate(steps))),
        resblocks=Stack(tuple((block, (index,)) for index, block in enumerate(blocks))),
        conv_post=conv(1, channels[-1], _EDGE_KERNEL),
    )


def _residual_block(channels: int, kernel: int, count: int) -> Module:
    layers = repeat(count, conv(channels, channels, kernel))
    return module(convs1=layers, convs2=layers)
