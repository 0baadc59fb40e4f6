"""Decoders of Mamba, alone or with attention."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.attention import attention
from budsim_widgets.architectures.blocks.layers import rms_norm
from budsim_widgets.architectures.blocks.mixers import mamba2_mixer, mamba_mixer
from budsim_widgets.architectures.blocks.models import causal_lm
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import module, repeat

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module, Part, Stack


def time_step_rank(rank: int | str, hidden_size: int) -> int:
    """The rank of Mamba-1's time step: by default a sixteenth of the model's hidden size."""
    return ceil(hidden_size / 16) if isinstance(rank, str) else rank


def mamba_decoder(c: Config) -> Module:
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
    return mamba_backbone(c, mixer)


def mamba_backbone(c: Config, mixer: Module) -> Module:
    """A layer is a norm and a mixer; its memory doesn't grow with the tokens."""
    return causal_lm(
        c,
        repeat(c.num_hidden_layers, module(norm=rms_norm(c.hidden_size), mixer=mixer)),
        norm=rms_norm(c.hidden_size),
        base="backbone",
        embed_name="embeddings",
        norm_name="norm_f",
    )


def hybrid_decoder(c: Config, layers: Stack) -> Module:
    """The frame of Jamba, Bamba and Falcon H1."""
    return causal_lm(c, layers, norm=rms_norm(c.hidden_size), norm_name="final_layernorm")


def hybrid_layer(c: Config, feed_forward: Module, **mixers: Part) -> Module:
    """A norm before what mixes the tokens (attention, Mamba, or both), another before the feed-forward block."""
    norm = rms_norm(c.hidden_size)
    return module(mixers, feed_forward=feed_forward, input_layernorm=norm, pre_ff_layernorm=norm)


def hybrid_attention(c: Config) -> Module:
    """Attention of the config's dimensions; only Jamba's never has biases."""
    bias = c.get("attention_bias", False) if c.model_type != "jamba" else False
    return attention(c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim, bias=bias)


def mamba2_of_config(c: Config, mamba_intermediate_size: int, *, out_bias: bool, gated_norm: bool = True) -> Module:
    """Mamba-2 of the config's `mamba_…` dimensions.

    Args:
        c: The config.
        mamba_intermediate_size: Channels of the state space.
        out_bias: Whether the projection out has a bias.
        gated_norm: Whether a norm stands before the projection out.

    Raises:
        ConfigError: `INCONSISTENT`, where the heads don't make up the channels.
    """
    mamba_n_heads, head_dim = c.mamba_n_heads, c.get("mamba_d_head", "auto")
    head_dim = mamba_intermediate_size // mamba_n_heads if head_dim == "auto" else head_dim
    if mamba_n_heads * head_dim != mamba_intermediate_size:
        raise inconsistent(
            "mamba_n_heads",
            f"{mamba_n_heads} heads of {head_dim} channels make no Mamba width of {mamba_intermediate_size}.",
        )
    return mamba2_mixer(
        c.hidden_size,
        mamba_n_heads,
        head_dim,
        groups=c.mamba_n_groups,
        state_size=c.mamba_d_state,
        conv_kernel=c.mamba_d_conv,
        bias=c.mamba_proj_bias,
        out_bias=out_bias,
        conv_bias=c.mamba_conv_bias,
        gated_norm=gated_norm,
    )
