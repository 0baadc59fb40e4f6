"""Hyper-connections: several streams of hidden states, mixed before and behind each block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.parts import Weight, module

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


def hyper_connection(c: Config) -> Module:
    """What mixes the `hc_mult` streams of a hyper-connection before and behind a block."""
    streams = c.hc_mult
    mixes = (2 + streams) * streams
    return module(fn=Weight((mixes, streams * c.hidden_size)), base=Weight((mixes,)), scale=Weight((3,)))


def hyper_head(c: Config) -> Module:
    """What joins the `hc_mult` streams behind the last layer."""
    streams = c.hc_mult
    return module(hc_fn=Weight((streams, streams * c.hidden_size)), hc_base=Weight((streams,)), hc_scale=Weight((1,)))
