"""Every combination of workload and accelerator for one model in one engine and precision."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.engines import Workload
from budsim_widgets.errors import BudsimError
from budsim_widgets.fitting.grid import Cell
from budsim_widgets.fitting.placement import verdict_of
from budsim_widgets.memory.weights import uncertainty_of, weights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Engine
    from budsim_widgets.engines.answers import CacheBytes, Estimate, Spread
    from budsim_widgets.fitting.grid import Grid
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory.weights import Weights


_Held: TypeAlias = "dict[tuple[int, int], tuple[CacheBytes, Spread]]"
"""(seq_length, batch_size) → cache and weights: what devices of several kinds hold alike."""


class _Measured(NamedTuple):
    """What one workload takes, before it is laid on a device."""

    cell: Cell
    fullest_bytes: int
    less_bytes: float
    more_bytes: float


def sweep_grid(
    architecture: Architecture,
    engine: Engine,
    precision: str,
    grid: Grid,
    tell: Callable[[int], object] | None = None,
) -> list[Cell]:
    """The cells of a grid, in the order of its parts; the batch sizes change fastest.

    What several accelerators have in common is measured once.

    Args:
        architecture: The model.
        engine: What runs it.
        precision: Format of the weights.
        grid: What is combined.
        tell: Called with a number of cells that are done.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Transformers
        >>> from budsim_widgets.fitting.grid import Grid
        >>> from budsim_widgets.hardware import find
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> grid = Grid(accelerators=((find("T4"), 1), (find("4090"), 1)), batch_sizes=(1, 4))
        >>> [cell.verdict for cell in sweep_grid(llama, Transformers(), "bf16", grid)]
        ['does_not_fit', 'does_not_fit', 'fits', 'fits']
    """
    groups: dict[Hashable, list[int]] = {}
    for place, (accelerator, count) in enumerate(grid.accelerators):
        seen = None if accelerator is None else engine.seen_of(accelerator)
        groups.setdefault((accelerator is None, seen, count), []).append(place)
    held: dict[Hashable, _Held] = {}
    columns: list[list[Cell]] = [[] for _ in grid.accelerators]
    for places in groups.values():
        first, count = grid.accelerators[places[0]]
        budgets = [_budget(engine, grid.accelerators[place][0]) for place in places]
        for kv_cache_precision in grid.kv_cache_precisions:
            ranks, stages = grid.devices(count)
            shared: dict[str, Any] = {
                "precision": precision,
                "kv_cache_precision": kv_cache_precision,
                "accelerator": first,
            }
            shared |= {"engine": engine, "tensor_parallel": ranks, "pipeline_parallel": stages}
            held_by = None if first is None else engine.held_by(first)
            kept = held.setdefault((first is None, held_by, count, kv_cache_precision), {})
            found = _measured(architecture, shared, grid, kept)
            for place, budget in zip(places, budgets, strict=True):
                columns[place] += [_on(measured, budget) for measured in found]
            if tell is not None:
                tell(len(places) * len(found))
    return [cell for column in columns for cell in column]


def _budget(engine: Engine, accelerator: Accelerator | None) -> int | None:
    return None if accelerator is None else engine.budget_bytes(accelerator)


def _on(measured: _Measured | Cell, budget_bytes: int | None) -> Cell:
    if isinstance(measured, Cell):
        return measured
    cell, fullest, less, more = measured
    if budget_bytes is None:
        return cell
    free = budget_bytes - fullest
    return Cell(cell[0], verdict_of(free, less, more), *cell[2:9], free, cell[10], None)


def _measured(architecture: Architecture, shared: dict[str, Any], grid: Grid, held: _Held) -> list[_Measured | Cell]:
    """Every length with every batch; what isn't possible is a cell with the reason."""
    pairs = list(product(grid.seq_lengths, grid.batch_sizes))
    try:
        with config_errors(None, config=architecture.config):
            workload = Workload(**shared)
            weights = weights_of(architecture, workload.precision, workload.engine)
    except BudsimError as error:
        return [Cell(error=str(error))] * len(pairs)
    beside = _BesideWeights(architecture, weights.precision.dtype)
    return [_measured_or_refused(architecture, workload.with_size(*pair), weights, beside, held) for pair in pairs]


def _measured_or_refused(
    architecture: Architecture, workload: Workload, weights: Weights, beside: _BesideWeights, held: _Held
) -> _Measured | Cell:
    try:
        return _measure(architecture, workload, weights, beside, held)
    except BudsimError as error:
        return Cell(error=str(error))


class _BesideWeights:
    """Activations and overhead; the last ones again where only the batch differs and the engine doesn't look at it."""

    def __init__(self, architecture: Architecture, dtype: str) -> None:
        self._architecture = architecture
        self._dtype = dtype
        self._seq_length = 0
        self._last: tuple[Estimate, Estimate] | None = None

    def of(self, engine: Engine, workload: Workload) -> tuple[Estimate, Estimate]:
        if self._last is None or self._seq_length != workload.seq_length or not engine.profiles_largest_batch:
            activations = engine.activations(self._architecture, workload, self._dtype)
            self._last = activations, engine.overhead(workload)
            self._seq_length = workload.seq_length
        return self._last


def _measure(
    architecture: Architecture, workload: Workload, weights: Weights, beside: _BesideWeights, held: _Held
) -> _Measured:
    """The same sums as `memory.measure`, without what is only shown."""
    engine, size = workload.engine, (workload.seq_length, workload.batch_size)
    known = held.get(size)
    cache = known[0] if known else engine.cache(architecture, workload, weights.precision.dtype)
    activations, overhead = beside.of(engine, workload)
    placed = known[1] if known else engine.spread(architecture, workload, weights.stored, cache)
    held[size] = cache, placed
    devices = placed.devices
    count = len(devices)
    if count == 1:
        weight_bytes, kv_bytes, state_bytes = devices[0]
        fullest = weight_bytes + kv_bytes + state_bytes
    else:
        weight_bytes, kv_bytes, state_bytes = map(sum, zip(*devices, strict=True))
        fullest = max(map(sum, devices))
    estimated = activations.num_bytes + overhead.num_bytes
    is_exact = architecture.basis == weights.basis == placed.basis == cache.basis == "exact"
    cell = Cell(
        count,
        None,
        weight_bytes + kv_bytes + state_bytes + count * estimated,
        weight_bytes,
        kv_bytes,
        state_bytes,
        count * activations.num_bytes,
        count * overhead.num_bytes,
        placed.host_bytes,
        None,
        "exact" if is_exact else "estimate",
    )
    low, high = uncertainty_of(architecture, weights.precision).around_held(weight_bytes, kv_bytes + state_bytes)
    divided = weight_bytes + kv_bytes + state_bytes
    return _Measured(
        cell,
        fullest + estimated,
        (divided - low) / count + estimated - activations.least_bytes - overhead.least_bytes,
        (high - divided) / count + activations.most_bytes + overhead.most_bytes - estimated,
    )
