"""Mamba: selective state spaces instead of attention."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.layers import depthwise_conv, linear, rms_norm
from budsim_widgets.architectures.models import causal_lm
from budsim_widgets.architectures.parts import Weight, module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mamba", "MambaForCausalLM")
def mamba(c: Config) -> Module:
    """A layer is a norm and a mixer; its memory doesn't grow with the tokens."""
    layer = module(norm=rms_norm(c.hidden_size), mixer=mamba_mixer(c))
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, layer),
        norm=rms_norm(c.hidden_size),
        base="backbone",
        embed_name="embeddings",
        norm_name="norm_f",
    )


def mamba_mixer(c: Config) -> Module:
    """Mamba-1's mixer; `expand` alone sets its width, whatever `intermediate_size` says.

    It keeps the last `conv_kernel` inputs of each channel, and a state of `state_size` numbers a channel in fp32.
    """
    size, width, state = c.hidden_size, int(c.expand * c.hidden_size), c.state_size
    rank = ceil(size / 16) if c.time_step_rank == "auto" else c.time_step_rank
    return module(
        A_log=Weight((width, state)),
        D=Weight((width,)),
        conv1d=depthwise_conv(width, c.conv_kernel, bias=c.use_conv_bias),
        in_proj=linear(size, 2 * width, bias=c.use_bias),
        x_proj=linear(width, rank + 2 * state),
        dt_proj=linear(rank, width, bias=True),
        out_proj=linear(width, size, bias=c.use_bias),
        cache=StateCache(conv_elements=width * c.conv_kernel, recurrent_elements=width * state),
    )
