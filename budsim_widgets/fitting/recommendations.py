"""What to run a model on, and what would make it smaller, in sentences."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.fitting.demand import Demand, demand_of
from budsim_widgets.formats.precision import COMPUTE_DTYPES
from budsim_widgets.memory import MemoryReport
from budsim_widgets.memory.measured import measured
from budsim_widgets.units import GIB, format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.hardware import Accelerator

HEADROOM: Final = 0.95
"""The part of a device that a plan fills: the rest is for the errors of the estimates."""

_LEAST_SAVING: Final = 0.05
_MOST_SAVINGS: Final = 2
_COMMON_BYTES: Final = 24 * GIB
_LONG_CONTEXT: Final = 4096
_WIDESPREAD_BYTES: Final = 80 * GIB
_PLAIN: Final = frozenset({"auto", *COMPUTE_DTYPES})


@dataclass(frozen=True, slots=True)
class Place:
    """A number of equal devices on which a model fits."""

    count: int
    accelerator: Accelerator

    @property
    def label(self) -> str:
        """As people write it."""
        name = self.accelerator.label
        return f"one {name}" if self.count == 1 else f"{self.count} x {name}"

    @property
    def rank(self) -> tuple[int, int]:
        """What orders places: the fewer devices, and the smaller ones, the better."""
        return self.count, self.accelerator.usable_bytes

    @property
    def is_common(self) -> bool:
        """Whether it is a single card of the kind that many people have."""
        return self.count == 1 and self.accelerator.usable_bytes <= _COMMON_BYTES


class RecommendingReport(MemoryReport):
    """A report that recommends what to do when that is first read: it takes longer than all the numbers."""

    @cached_property
    def recommendations(self) -> tuple[str, ...]:
        """What to do, in sentences."""
        return recommend(self)


def recommend(report: MemoryReport) -> tuple[str, ...]:
    """One to four sentences: where the model fits, and what would help most if it needs more than a common card.

    Every figure is computed; a saving by measuring the same model again with a smaller workload.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines import Workload
        >>> from budsim_widgets.memory import MemoryReport, measure
        >>> gpt2 = build({"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12,
        ...     "n_positions": 1024})
        >>> recommend(measure(gpt2, Workload(seq_length=1024)))[0].split(":")[0]
        'Fits on one NVIDIA RTX 3060 12GB'
    """
    with config_errors(report.model_id):
        return _sentences(report)


def _sentences(report: MemoryReport) -> tuple[str, ...]:
    demand = demand_of(report.measured)
    place = smallest_place(demand)
    sentences = [_where(place, demand)]
    if place is not None and not place.is_common:
        sentences += _elsewhere(place, demand)
    if place is None or not place.is_common:
        sentences += _savings(report, place)
    return tuple(sentences)


def smallest_place(demand: Demand, *, most_bytes: int | None = None) -> Place | None:
    """The fewest devices on which it fits with headroom, and of those the smallest.

    Args:
        demand: What it asks for.
        most_bytes: Only devices with no more memory; None: all.
    """
    accelerators, planned = _planned()
    last = len(planned) if most_bytes is None else bisect_right(accelerators, most_bytes, key=_usable_bytes)
    # The more memory devices have, the fewer of them it takes: the largest tells how few.
    count = _count(demand, planned[last - 1]) if last else None
    if count is None:
        return None
    return Place(count, accelerators[bisect_left(planned, demand.bytes_on_one_of(count))])


def _count(demand: Demand, planned_bytes: int) -> int | None:
    if demand.num_devices == 1:
        return demand.devices_needed(planned_bytes)
    return demand.num_devices if demand.fullest_bytes <= planned_bytes else None


def _usable_bytes(accelerator: Accelerator) -> int:
    return accelerator.usable_bytes


@cache
def _planned() -> tuple[tuple[Accelerator, ...], tuple[int, ...]]:
    """(the common accelerators, the smallest first; what a plan fills of each, in bytes)."""
    from budsim_widgets.hardware.table import common_accelerators  # noqa: PLC0415 - the table is read for a first sentence

    accelerators = common_accelerators()
    return accelerators, tuple(int(accelerator.usable_bytes * HEADROOM) for accelerator in accelerators)


def _where(place: Place | None, demand: Demand) -> str:
    if place is None and demand.num_devices > 1:
        each = format_bytes(demand.fullest_bytes)
        return f"{each} on each of {demand.num_devices} devices fit on none of the common accelerators."
    if place is None:
        return f"{format_bytes(demand.total_bytes)} fit on none of the common accelerators, not even on 64 of them."
    usable = format_bytes(place.accelerator.usable_bytes)
    if place.count == 1:
        return f"Fits on {place.label}: {format_bytes(demand.total_bytes)} of {usable} usable."
    if demand.num_devices > 1:
        return f"Fits on {place.label}: {format_bytes(demand.fullest_bytes)} of {usable} usable on each."
    each = format_bytes(demand.divided_bytes // place.count + demand.repeated_bytes)
    return f"Needs {place.label}: {each} of {usable} usable on each."


def _elsewhere(place: Place, demand: Demand) -> list[str]:
    """The same on the cards of 80 GB that most data centers have, where the first place is a larger one."""
    if place.accelerator.usable_bytes <= _WIDESPREAD_BYTES or demand.num_devices > 1:
        return []
    other = smallest_place(demand, most_bytes=_WIDESPREAD_BYTES)
    return [f"On smaller cards it needs {other.label}."] if other else []


def _savings(report: MemoryReport, place: Place | None) -> list[str]:
    """The largest savings that lead to a smaller place, or any where there is no place yet."""
    before = report.total_bytes
    found = []
    for name, value in _changes(report):
        other = measured(report.architecture, report.workload.changed(**{name: value}))
        left = other.total_bytes
        saved = before - left
        if saved < int(before * _LEAST_SAVING):
            continue
        new_place = smallest_place(demand_of(other))
        if place is None or (new_place is not None and new_place.rank < place.rank):
            where = f", which fits on {new_place.label}" if new_place else ""
            change, total = f"{name}={value!r}", format_bytes(left)
            found.append((saved, f"{change} saves {format_bytes(saved)} and leaves {total}{where}."))
    return [sentence for _, sentence in sorted(found, reverse=True)[:_MOST_SAVINGS]]


def _changes(report: MemoryReport) -> Iterator[tuple[str, str | int]]:
    """(parameter of the workload, another value of it) for each change that could make it smaller."""
    workload, engine = report.workload, report.workload.engine
    if workload.precision in _PLAIN and engine.smaller_weight_precisions:
        yield "precision", engine.smaller_weight_precisions[-1]
    if report.kv_cache_bytes and workload.kv_cache_precision in _PLAIN and engine.smaller_cache_precisions:
        yield "kv_cache_precision", engine.smaller_cache_precisions[0]
    if workload.batch_size > 1:
        yield "batch_size", workload.batch_size // 2
    elif workload.seq_length > _LONG_CONTEXT:
        yield "seq_length", workload.seq_length // 2
