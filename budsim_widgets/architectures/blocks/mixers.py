"""What mixes tokens without attention: state spaces, linear attention, short convolutions, each with its state.

Convolution states are kept in the model's format, recurrent ones in fp32 (see `cache`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import depthwise_conv, linear, rms_norm
from budsim_widgets.architectures.cache import StateCache
from budsim_widgets.architectures.parts import Module, Part, Weight, module

if TYPE_CHECKING:
    from collections.abc import Mapping


def mamba_mixer(  # noqa: PLR0913 - the dimensions of a state space
    hidden_size: int,
    intermediate_size: int,
    *,
    state_size: int,
    conv_kernel: int,
    time_step_rank: int,
    bias: bool = False,
    conv_bias: bool = True,
    **more: Part | None,
) -> Module:
    """Mamba-1: a selective state space, each channel by itself.

    Args:
        hidden_size: Hidden size of the model.
        intermediate_size: Channels of the state space.
        state_size: State elements per channel.
        conv_kernel: Tokens that the convolution spans; so many inputs are kept.
        time_step_rank: Dimension to which the time step is compressed.
        bias: Whether the projections in and out have a bias.
        conv_bias: Whether the convolution has one.
        more: Further parts, such as norms of the time step.
    """
    return module(
        {
            "A_log": Weight((intermediate_size, state_size)),
            "D": Weight((intermediate_size,)),
            "conv1d": depthwise_conv(intermediate_size, conv_kernel, bias=conv_bias),
            "in_proj": linear(hidden_size, 2 * intermediate_size, bias=bias),
            "x_proj": linear(intermediate_size, time_step_rank + 2 * state_size),
            "dt_proj": linear(time_step_rank, intermediate_size, bias=True),
            "out_proj": linear(intermediate_size, hidden_size, bias=bias),
            **more,
        },
        cache=StateCache(
            conv_elements=intermediate_size * conv_kernel, recurrent_elements=intermediate_size * state_size
        ),
    )


def mamba2_mixer(  # noqa: PLR0913 - the dimensions of a state space
    hidden_size: int,
    num_heads: int,
    head_dim: int,
    *,
    groups: int,
    state_size: int,
    conv_kernel: int,
    bias: bool = False,
    out_bias: bool | None = None,
    conv_bias: bool = True,
    gated_norm: bool = True,
) -> Module:
    """Mamba-2: a state space with heads; its inputs and those of its state are convolved together.

    Args:
        hidden_size: Hidden size of the model.
        num_heads: Heads, each with one decay.
        head_dim: Channels a head.
        groups: Groups of heads that share the inputs and outputs of their state.
        state_size: State elements per channel.
        conv_kernel: Tokens that the convolution spans; so many inputs are kept.
        bias: Whether the projection in has a bias.
        out_bias: Whether the projection out has one; None: as the one in.
        conv_bias: Whether the convolution has one.
        gated_norm: Whether a norm stands before the projection out.
    """
    intermediate_size = num_heads * head_dim
    convolved = intermediate_size + 2 * groups * state_size
    return module(
        conv1d=depthwise_conv(convolved, conv_kernel, bias=conv_bias),
        in_proj=linear(hidden_size, intermediate_size + convolved + num_heads, bias=bias),
        dt_bias=Weight((num_heads,)),
        A_log=Weight((num_heads,)),
        norm=rms_norm(intermediate_size) if gated_norm else None,
        D=Weight((num_heads,)),
        out_proj=linear(intermediate_size, hidden_size, bias=bias if out_bias is None else out_bias),
        cache=StateCache(conv_elements=convolved * conv_kernel, recurrent_elements=intermediate_size * state_size),
    )


def gated_delta_net(  # noqa: PLR0913 - the dimensions of a linear attention
    hidden_size: int,
    *,
    num_key_heads: int,
    num_value_heads: int,
    key_head_dim: int,
    value_head_dim: int,
    conv_kernel: int,
    fused: bool,
) -> Module:
    """Gated DeltaNet: a linear attention whose heads each carry a matrix that is corrected token by token.

    Args:
        hidden_size: Hidden size of the model.
        num_key_heads: Heads of queries and keys.
        num_value_heads: Heads of values; each has a matrix of `key_head_dim` x `value_head_dim`.
        key_head_dim: Dimension of a query or key.
        value_head_dim: Dimension of a value.
        conv_kernel: Tokens that the convolution of queries, keys and values spans; so many inputs are kept.
        fused: Whether the projections of queries, keys, values and gate are one matrix, and those of both decays.
    """
    key_dim, value_dim = num_key_heads * key_head_dim, num_value_heads * value_head_dim
    convolved = 2 * key_dim + value_dim
    if fused:
        projections = {
            "in_proj_qkvz": linear(hidden_size, convolved + value_dim),
            "in_proj_ba": linear(hidden_size, 2 * num_value_heads),
        }
    else:
        projections = {
            "in_proj_qkv": linear(hidden_size, convolved),
            "in_proj_z": linear(hidden_size, value_dim),
            "in_proj_b": linear(hidden_size, num_value_heads),
            "in_proj_a": linear(hidden_size, num_value_heads),
        }
    return module(
        projections,
        conv1d=depthwise_conv(convolved, conv_kernel, bias=False),
        dt_bias=Weight((num_value_heads,)),
        A_log=Weight((num_value_heads,)),
        norm=rms_norm(value_head_dim),
        out_proj=linear(value_dim, hidden_size),
        cache=StateCache(
            conv_elements=convolved * conv_kernel, recurrent_elements=num_value_heads * key_head_dim * value_head_dim
        ),
    )


def short_conv(hidden_size: int, kernel: int, *, bias: bool = False) -> Module:
    """LFM's gated short convolution; it keeps the last `kernel` inputs."""
    return module(
        conv=depthwise_conv(hidden_size, kernel, bias=bias),
        in_proj=linear(hidden_size, 3 * hidden_size, bias=bias),
        out_proj=linear(hidden_size, hidden_size, bias=bias),
        cache=StateCache(conv_elements=hidden_size * kernel),
    )


def kimi_delta_attention(  # noqa: PLR0913 - the dimensions of a linear attention
    hidden_size: int,
    num_heads: int,
    head_dim: int,
    *,
    conv_kernel: int,
    forget_gate: Module,
    output_gate: Mapping[str, Part],
) -> Module:
    """Kimi Delta Attention: a gated DeltaNet that forgets each channel at a rate of its own.

    Args:
        hidden_size: Hidden size of the model.
        num_heads: Heads; each carries a matrix of `head_dim` x `head_dim`.
        head_dim: Dimension of a query, key or value.
        conv_kernel: Tokens that the convolution of queries, keys and values spans; so many inputs are kept.
        forget_gate: What yields the rates.
        output_gate: The projections that yield the gate of the output, by name.
    """
    projection_size = num_heads * head_dim
    return module(
        {name: linear(hidden_size, projection_size) for name in ("q_proj", "k_proj", "v_proj")} | dict(output_gate),
        conv1d=depthwise_conv(3 * projection_size, conv_kernel, bias=False),
        forget_gate=forget_gate,
        b_proj=linear(hidden_size, num_heads),
        o_norm=rms_norm(head_dim),
        o_proj=linear(projection_size, hidden_size),
        cache=StateCache(
            conv_elements=3 * projection_size * conv_kernel, recurrent_elements=projection_size * head_dim
        ),
    )
