"""Mamba 1 and 2 and Falcon Mamba: state spaces instead of attention."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import rms_norm
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer, mamba_mixer
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, repeat
from budsim_widgets.architectures.registry import family

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("mamba", "MambaForCausalLM")
@family("falcon_mamba", "FalconMambaForCausalLM")
def mamba(c: Config) -> Module:
    """`intermediate_size` counts where the config has it, else `expand`; they differ in Falcon-Mamba-7B's.

    Falcon's further norms have no weights.
    """
    mixer = mamba_mixer(
        c.hidden_size,
        c.get("intermediate_size", int(c.get("expand", 2) * c.hidden_size)),
        state_size=c.state_size,
        conv_kernel=c.conv_kernel,
        time_step_rank=time_step_rank(c.time_step_rank, c.hidden_size),
        bias=c.use_bias,
        conv_bias=c.use_conv_bias,
    )
    return _backbone(c, mixer)


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
    return _backbone(c, mixer)


def time_step_rank(rank: int | str, hidden_size: int) -> int:
    """The rank of Mamba-1's time step: by default a sixteenth of the model's hidden size."""
    return ceil(hidden_size / 16) if isinstance(rank, str) else rank


def _backbone(c: Config, mixer: Module) -> Module:
    """A layer is a norm and a mixer; its memory doesn't grow with the tokens."""
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, module(norm=rms_norm(c.hidden_size), mixer=mixer)),
        norm=rms_norm(c.hidden_size),
        base="backbone",
        embed_name="embeddings",
        norm_name="norm_f",
    )
