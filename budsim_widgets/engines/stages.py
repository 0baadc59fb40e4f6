"""How the layers of a model are dealt out to pipeline stages."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from budsim_widgets.architectures.parts import Layer


def stage_lengths(layers: int, stages: int) -> tuple[int, ...]:
    """How many layers each stage holds; the first stages take what is left over.

    Example:
        >>> stage_lengths(5, 2)
        (3, 2)
    """
    each, left_over = divmod(layers, stages)
    return tuple(each + (stage < left_over) for stage in range(stages))


def stage_shares(layers: int, stages: int) -> tuple[float, ...]:
    """The part of the layers that each stage holds.

    Example:
        >>> stage_shares(5, 2)
        (0.6, 0.4)
    """
    return tuple(length / layers for length in stage_lengths(layers, stages))


def stack_lengths(layers: Sequence[Layer]) -> dict[int, int]:
    """How many layers each stack has, by its number; of all kinds of layer of a model."""
    lengths: dict[int, int] = {}
    for layer in layers:
        end = layer.indexes[-1] + 1 if layer.indexes else 0  # they ascend
        lengths[layer.stack] = max(lengths.get(layer.stack, 0), end)
    return lengths


def stages_that_differ(layers: Sequence[Layer], stages: int) -> int:
    """How many stages are worth a look: where all layers are alike each stage computes as the whole model does."""
    if stages == 1 or len(layers) == 1:
        return 1
    return min(stages, max(stack_lengths(layers).values(), default=1))


def on_stage(layers: Sequence[Layer], lengths: Mapping[int, int], stage: int, stages: int) -> list[Layer]:
    """Each kind of layer with the indexes of those that stand on a stage; each stack is dealt out by itself.

    Args:
        layers: Kinds of layer.
        lengths: How many layers each stack has, those of other kinds included.
        stage: The number of the stage.
        stages: Pipeline stages; a single one holds everything.
    """
    if stages == 1:
        return list(layers)
    bounds = {stack: _bounds(length, stage, stages) for stack, length in lengths.items()}
    return [layer._replace(indexes=_between(layer.indexes, *bounds[layer.stack])) for layer in layers]


def _bounds(length: int, stage: int, stages: int) -> tuple[int, int]:
    """The first layer of a stage, and the first one behind it."""
    held = stage_lengths(length, stages)
    first = sum(held[:stage])
    return first, first + held[stage]


def _between(indexes: tuple[int, ...], first: int, end: int) -> tuple[int, ...]:
    return indexes[bisect_left(indexes, first) : bisect_left(indexes, end)]
