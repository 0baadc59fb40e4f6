"""What recurrent blocks hold where their kernels aren't installed: the scans as transformers writes them in torch.

The kernels (mamba-ssm, causal-conv1d, flash-linear-attention) hold far less; who has none gets these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.parts import Module, Weight
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.dimensions import linear_shapes
from budsim_widgets.engines.working_sets.held import Held

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import StateCache
    from budsim_widgets.engines.working_sets.computation import Computation

_CHUNK: Final = 256
"""Tokens that Mamba-2 computes together, where the config doesn't say."""
_DELTA_CHUNK: Final = 64
"""Tokens that the delta rule computes together."""


class StateSpace(NamedTuple):
    """A block with a recurrent state, in elements.

    Attributes:
        inner: Channels of the state space: all heads' values.
        convolved: Channels of the convolution.
        heads: Heads; 0 where each channel is by itself.
        state: State elements of a channel: the dimension of a key.
        projected: Outputs of the first projection, and of a gate beside it.
    """

    inner: int
    convolved: int
    heads: int
    state: int
    projected: int

    @classmethod
    def of(cls, part: Module, cache: StateCache, heads: int) -> StateSpace:
        """The widths of a block whose last matrix reads all channels."""
        linears = linear_shapes(part)
        inner = linears[-1][1] if linears else 0
        gate = sum(_rows(part, name) for name in ("in_proj", "in_proj_qkvz", "in_proj_z"))
        return cls(inner, _convolved(part), heads, cache.recurrent_elements // max(inner, 1), gate)


def mixer_moments(part: Module, cache: StateCache, run: Computation) -> list[Held]:
    """The moments of a recurrent block, beside the residual stream and its own input; none where nothing recurs.

    Args:
        part: The block.
        cache: Its state.
        run: How it computes.
    """
    width = run.width
    if "output_gate" in part.children:
        return [_lightning_attention(part, cache, width)]
    if not cache.recurrent_elements:
        return []
    if "x_proj" in part.children:
        return [_selective_scan(StateSpace.of(part, cache, 0), width)]
    if "forget_gate" in part.children:
        return [_channelwise_delta_rule(part, cache, width)]
    return _scans_of_heads(part, cache, run)


def _scans_of_heads(part: Module, cache: StateCache, run: Computation) -> list[Held]:
    """The moments of a block whose state belongs to heads that decay as a whole; none where it has none."""
    heads, width = _heads(part), run.width
    space = StateSpace.of(part, cache, heads)
    if not heads or not space.inner:
        return []
    if "in_proj" in part.children:
        chunk = next((run.config[name] for name in ("chunk_size", "mamba_chunk_size") if run.config.get(name)), _CHUNK)
        return _chunk_scan(space, int(chunk), width)
    return _delta_rule(space, width, is_fused="in_proj_qkvz" in part.children)


def _selective_scan(space: StateSpace, width: int) -> Held:
    """Mamba-1: three tensors of every channel's state for every token, in fp32; and seven of the channels.

    Beside them stand the state from before, the one after, and once for all sequences the rates of decay.
    """
    states = 3 * FP32_BYTES * space.inner * space.state
    channels = (2 * FP32_BYTES + 4 * width) * space.inner
    beside = (FP32_BYTES + width) * space.inner * space.state
    rates = FP32_BYTES * space.inner * space.state
    return Held(block=states + channels + 2 * width * space.inner, sequence=beside, once=rates)


def _chunk_scan(space: StateSpace, chunk: int, width: int) -> list[Held]:
    """Mamba-2: within a chunk like attention (three matrices of tokens by tokens), between chunks by their states.

    The highest moments are the product of the states with their outputs, and the sum of both results. The product
    needs a copy of the outputs in another order, except where one chunk of one sequence is all there is.
    """
    inner, keys, numbers = space.inner, space.heads * space.state, FP32_BYTES
    state = numbers * inner * space.state
    matrices = 3 * space.heads * chunk
    decays = 4 * space.heads
    beside = Held(stream=width * (space.projected + space.convolved), sequence=state)
    scanned = matrices + decays + inner * space.state / chunk
    alone = scanned + 3 * keys + 4 * inner + inner * space.state / chunk
    reading = beside.plus(Held(block=numbers * (alone + keys), padded=chunk))
    summing = Held(block=numbers * max(scanned + 3 * keys + 7 * inner, alone), padded=chunk)
    return [reading._replace(above=chunk), reading._replace(least_batch=2), beside.plus(summing)]


def _lightning_attention(part: Module, cache: StateCache, width: int) -> Held:
    """MiniMax: three states beside the new one, while it is made of the last one and what a block of tokens adds.

    Beside them stand queries, keys and values, the outputs, and the two parts that these are the sum of. The scores
    within a block are left out: where they count, the experts behind take more. Its state is in the model's format.
    """
    return Held(block=6 * width * _rows(part, "output_gate"), sequence=3 * width * cache.conv_elements)


def _delta_rule(space: StateSpace, width: int, *, is_fused: bool) -> list[Held]:
    """Gated DeltaNet: four tensors of the values and five of the keys, for each value head, and three matrices.

    A sixth of the keys stands while they are decayed. Then the chunks are scanned: beside a chunk's new values and what
    the state gives, four states stand while one is made of the last one, which is in place of the layer's in the cache.
    """
    keys, numbers = space.heads * space.state, FP32_BYTES
    prepared = 4 * space.inner + 5 * keys + 3 * space.heads * _DELTA_CHUNK
    scanned = numbers * space.inner * (3 * space.state + 2 * _DELTA_CHUNK)
    gate = width * (space.projected + (space.inner if is_fused else 0))
    beside = Held(stream=gate + width * space.convolved)
    decaying = Held(block=numbers * (prepared + keys), padded=_DELTA_CHUNK)
    scanning = Held(block=numbers * prepared, sequence=scanned, padded=_DELTA_CHUNK)
    return [beside.plus(decaying), beside.plus(scanning)]


def _channelwise_delta_rule(part: Module, cache: StateCache, width: int) -> Held:
    """Kimi Delta Attention: every channel decays by itself, so that the matrices of a chunk stand for each of them."""
    convolved = _convolved(part)
    keys = convolved // 3
    numbers = 3 * keys * _DELTA_CHUNK + 6 * keys
    states = 3 * FP32_BYTES * cache.recurrent_elements
    beside = width * convolved + FP32_BYTES * keys
    return Held(block=FP32_BYTES * numbers, stream=beside, sequence=states, padded=_DELTA_CHUNK)


def _heads(part: Module) -> int:
    decay = part.children.get("A_log")
    return decay.shape[0] if isinstance(decay, Weight) and len(decay.shape) == 1 else 0


def _rows(part: Module, name: str) -> int:
    child = part.children.get(name)
    weight = child.children.get("weight") if isinstance(child, Module) else None
    return weight.shape[0] if isinstance(weight, Weight) else 0


def _convolved(part: Module) -> int:
    return sum(
        _rows(part, name) for name, child in part.children.items() if isinstance(child, Module) and "conv" in name
    )
