"""Mamba 1 and 2: state spaces in place of attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.mamba import mamba_backbone, mamba_decoder
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mamba", "MambaForCausalLM")
def mamba(c: Config) -> Module:
    """A norm and a mixer in each layer."""
    return mamba_decoder(c)


@family("mamba2", "Mamba2ForCausalLM")
def mamba2(c: Config) -> Module:
    """The state has heads, and `num_heads` times `head_dim` must be `expand` times `hidden_size`."""
    hidden_size, intermediate_size = c.hidden_size, int(c.get("expand", 2) * c.hidden_size)
    if intermediate_size != c.num_heads * c.head_dim:
        message = (
            f"{c.num_heads} heads of {c.head_dim} channels make {c.num_heads * c.head_dim}, but `expand` times "
            f"`hidden_size` is {intermediate_size}."
        )
        raise inconsistent("num_heads", message)
    mixer = mamba2_mixer(
        hidden_size,
        c.num_heads,
        c.head_dim,
        groups=c.n_groups,
        state_size=c.state_size,
        conv_kernel=c.conv_kernel,
        bias=c.use_bias,
        conv_bias=c.use_conv_bias,
    )
    return mamba_backbone(c, mixer)
