"""What the networks share that turn pictures into tokens and back: blocks of convolutions between group norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import conv, layer_norm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Module, module

if TYPE_CHECKING:
    from collections.abc import Callable

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
    before: int, width: int, norm: Callable[[int], Module] = group_norm, kernel: tuple[int, ...] = (3, 3)
) -> Module:
    """Two convolutions beside a short cut, which is one as well where the width changes.

    Args:
        before: Channels that come in.
        width: Channels that go out.
        norm: From a number of channels to the norm before a convolution.
        kernel: Sides of the convolutions.
    """
    ones = (1,) * len(kernel)
    return module(
        norm1=norm(before),
        conv1=conv(width, before, *kernel),
        norm2=norm(width),
        conv2=conv(width, width, *kernel),
        nin_shortcut=conv(width, before, *ones) if before != width else None,
    )


def resampling(width: int) -> Module:
    """The convolution that halves or doubles a picture."""
    return module(conv=conv(width, width, 3, 3))
