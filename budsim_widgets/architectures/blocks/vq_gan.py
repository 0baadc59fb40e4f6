"""What networks that turn pictures into tokens and back are made of: convolutions between group norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.parts import Module

_NORM_GROUPS = 32
"""The channels that a group norm averages over are shared among so many groups."""


def group_norm(channels: int) -> Module:
    """A norm with a weight and a bias for each channel.

    Raises:
        ConfigError: `INCONSISTENT`, where the groups can't share the channels.
    """
    if channels % _NORM_GROUPS:
        message = f"{channels} channels can't be shared among the {_NORM_GROUPS} groups of a norm."
        raise inconsistent("base_channels", message)
    return layer_norm(channels)


def residual(
    in_channels: int, out_channels: int, norm: Callable[[int], Module] = group_norm, kernel: tuple[int, ...] = (3, 3)
) -> Module:
    """Two convolutions beside a short cut, which is one as well where the width changes.

    Args:
        in_channels: Channels that come in.
        out_channels: Channels that go out.
        norm: From a number of channels to the norm before a convolution.
        kernel: Sides of the convolutions.
    """
    ones = (1,) * len(kernel)
    return module(
        norm1=norm(in_channels),
        conv1=conv(out_channels, in_channels, *kernel),
        norm2=norm(out_channels),
        conv2=conv(out_channels, out_channels, *kernel),
        nin_shortcut=conv(out_channels, in_channels, *ones) if in_channels != out_channels else None,
    )


def resampling(channels: int) -> Module:
    """The convolution that halves or doubles a picture."""
    return module(conv=conv(channels, channels, 3, 3))
