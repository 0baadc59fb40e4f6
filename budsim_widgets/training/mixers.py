"""What state spaces and linear attention keep for the backward pass, without their libraries' kernels."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.parts import Module, Weight
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.kept import Kept

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import StateCache
    from budsim_widgets.training.reading import Reading

_MATRIX: Final = 2
_MAMBA_1_COPIES: Final = 4
_STATE: Final = 16
_DELTA_CHUNK: Final = 64
_CHUNK: Final = 256
"""Tokens that a state space of transformers computes together, where the config doesn't say (`chunk_size`)."""


def mixer_kept(reading: Reading, part: Module, prefix: str, cache: StateCache) -> Kept:
    """State spaces and linear attention as transformers computes them without their libraries' kernels."""
    width = reading.rules.compute_bytes
    linears = reading.linears(part, prefix)
    before, out = linears[:-1], linears[-1:]
    into = [one for one in before if one.in_features == reading.hidden_size] or before
    kept = reading.rules.inputs(into, reads_stream=True) + reading.rules.inputs(out)
    convolved = _conv_channels(part)
    decay = part.children.get("A_log")
    if not isinstance(decay, Weight):
        # LFM: the projections, the gated input, its convolution.
        return Kept(kept + width * (sum(linear.out_features for linear in into) + 2 * convolved))
    trained = reading.rules.is_trained(prefix)
    inner = out[0].in_features if out else convolved
    if "in_proj" in part.children:
        kept += width * (sum(linear.out_features for linear in into) + convolved)
        return Kept(kept + _scan(reading, part, inner, decay, is_trained=trained))
    key_dim = cache.recurrent_elements // max(inner, 1)
    return Kept(kept + 2 * width * convolved + _delta_rule(reading, inner, key_dim, decay.shape[0], is_trained=trained))


def _scan(reading: Reading, part: Module, inner: int, decay: Weight, *, is_trained: bool) -> float:
    """The chunked scan of Mamba-2 and its gated norm, in fp32; Mamba-1 keeps states of every token."""
    if len(decay.shape) == _MATRIX:
        # Mamba-1 without its kernel: decays, inputs and states of every token, and what they yield.
        return _MAMBA_1_COPIES * prod(decay.shape) * FP32_BYTES
    heads = decay.shape[0]
    chunk = int(reading.config.get("mamba_chunk_size") or reading.config.get("chunk_size") or _CHUNK)
    names = ("mamba_d_state", "ssm_state_size", "state_size")
    state = next((int(reading.config[name]) for name in names if reading.config.get(name)), _STATE)
    norm = (4 if is_trained else 3) * inner * FP32_BYTES if "norm" in part.children else 0
    width = reading.rules.compute_bytes if is_trained else 0
    in_fp32 = (6 if is_trained else 5) * inner + 3 * heads * chunk + 5 * heads * state + 2 * inner * state / chunk
    return inner * width + norm + in_fp32 * FP32_BYTES


def _delta_rule(reading: Reading, inner: int, key_dim: int, heads: int, *, is_trained: bool) -> float:
    """The chunked delta rule and its gated norm, in fp32: queries and keys of each value head, and their products.

    Source: `torch_chunk_gated_delta_rule` of transformers 5.24, in chunks of 64 tokens.
    """
    keys = heads * key_dim
    in_fp32 = 11 * keys + 5 * heads * _DELTA_CHUNK + 3 * inner + keys * inner / max(heads, 1) / _DELTA_CHUNK
    width = reading.rules.compute_bytes
    return in_fp32 * FP32_BYTES + inner * width * (3 if is_trained else 1)


def _conv_channels(part: Module) -> int:
    for child in part.children.values():
        weight = child.children.get("weight") if isinstance(child, Module) else None
        if isinstance(weight, Weight) and weight.role == "conv":
            return weight.shape[0]
    return 0
