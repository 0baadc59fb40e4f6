"""The largest numbers that still fit: a larger one never takes less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from budsim_widgets.engines.workload import LIMITS
from budsim_widgets.fitting.placement import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.hardware import Accelerator

LimitedBy = Literal["memory", "model"]


class LongestContext(NamedTuple):
    """The longest context.

    Attributes:
        seq_length: Tokens of each sequence; 0: not even one fits; None: the cache doesn't grow with the context.
        limited_by: What ends it: the memory, or the length that the model was made for.
    """

    seq_length: int | None
    limited_by: LimitedBy | None


def longest_context(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> LongestContext:
    """The longest context for the batch of a workload."""
    if architecture.cache(1, 1).state_bytes and not architecture.cache(1, 1).kv_cache_bytes:
        return LongestContext(None, None)
    limit = min(architecture.max_seq_length or LIMITS["seq_length"], LIMITS["seq_length"])
    found = largest(limit, lambda length: _free(architecture, workload.changed(seq_length=length), accelerator))
    return LongestContext(found, "model" if found == limit else "memory")


def full_at(
    architecture: Architecture, workload: Workload, accelerators: Iterable[Accelerator], longest: int
) -> dict[str, int]:
    """The longest context that fits, by the name of each accelerator that some context below `longest` fills."""
    # what some engines keep free depends on the device
    placed = ((one, workload.changed(accelerator=one)) for one in accelerators)
    found = ((one.name, longest_context(architecture, load, one).seq_length) for one, load in placed)
    return {name: length for name, length in found if length and length < longest}


def longest_sure_context(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> int:
    """The longest context up to that of the workload that fits even at the high end of the estimates; 0: none."""

    def free(length: int) -> int:
        return place(architecture, workload.changed(seq_length=length), accelerator).least_free_bytes

    return largest(workload.seq_length, free)


def largest_batch(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> int:
    """The largest number of sequences of the workload's length; 0: not even one fits."""
    limit = LIMITS["batch_size"]
    return largest(limit, lambda batch: _free(architecture, workload.changed(batch_size=batch), accelerator))


def most_gpu_layers(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> int | None:
    """The most layers that fit on the devices; None: the engine doesn't place layers one by one."""
    count, engine = workload.engine.placeable_layers(architecture), workload.engine
    if count is None:
        return None

    def free_with(layers: int) -> int:
        placed = workload.changed(engine=engine.with_settings(gpu_layers=layers))
        return _free(architecture, placed, accelerator)

    return largest(count, free_with)


def fewest_cpu_moe_layers(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> int | None:
    """The fewest layers whose experts must stay in RAM; None: the engine has no such setting, or none are enough."""
    count, engine = workload.engine.placeable_experts(architecture), workload.engine
    if count is None:
        return None

    def free_with(experts_on_device: int) -> int:
        placed = workload.changed(engine=engine.with_settings(cpu_moe_layers=count - experts_on_device))
        return _free(architecture, placed, accelerator)

    return count - largest(count, free_with) if free_with(0) >= 0 else None


def largest(limit: int, free_bytes: Callable[[int], int]) -> int:
    """The largest number from 1 to `limit` that leaves no less than nothing free; 0: none.

    Memory grows almost linearly with what is asked, so the next number is the one at which a straight line through the
    two ends is used up; every second one is the middle, so that no shape takes more than twice the steps of bisection.

    Args:
        limit: The largest number that counts.
        free_bytes: What a number leaves free; never more for a larger one.

    Example:
        >>> largest(1_000_000, lambda number: 2_000_000 - number * number)
        1414
    """
    low, high = 1, limit
    free_at_high = free_bytes(high)
    if free_at_high >= 0:
        return high
    free_at_low = free_bytes(low)
    if free_at_low < 0:
        return 0
    is_middle_next = False
    while high - low > 1:
        share = 0.5 if is_middle_next else free_at_low / (free_at_low - free_at_high)
        number = min(max(low + int((high - low) * share), low + 1), high - 1)
        free = free_bytes(number)
        is_middle_next = not is_middle_next and 2 * (number - low if free < 0 else high - number) > high - low
        if free >= 0:
            low, free_at_low = number, free
        else:
            high, free_at_high = number, free
    return low


def _free(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> int:
    return place(architecture, workload, accelerator).free_bytes
