"""One workload on one kind of accelerator: how full the fullest device is, and whether that fits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from budsim_widgets.memory import measure

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport

Verdict = Literal["fits", "tight", "does_not_fit"]

VERDICTS: Final[tuple[Verdict, ...]] = ("fits", "tight", "does_not_fit")
"""The best first."""


@dataclass(frozen=True)
class Placement:
    """A measured workload on devices of one kind.

    Attributes:
        memory: What it takes.
        capacity_bytes: What the engine fills of each device.
    """

    memory: MemoryReport
    capacity_bytes: int

    @cached_property
    def free_bytes(self) -> int:
        """What stays free on the fullest device; negative: what it lacks."""
        free = self.capacity_bytes - self.memory.peak_device.total_bytes
        lacking = self._lacking_cache_bytes()
        return min(free, -lacking) if lacking > 0 else free

    @cached_property
    def least_free_bytes(self) -> int:
        """What stays free there at the high end of the estimates: it fits where that isn't negative."""
        more = self.memory.total_bytes_range[1] - self.memory.total_bytes
        return self.free_bytes - -(-more // len(self.memory.per_device))

    @cached_property
    def verdict(self) -> Verdict:
        """`tight` where only part of the range of the estimates fits."""
        if self._lacking_cache_bytes() > 0:
            return "does_not_fit"
        low, high = self.memory.total_bytes_range
        total, count = self.memory.total_bytes, len(self.memory.per_device)
        return verdict_of(self.free_bytes, (total - low) / count, (high - total) / count)

    def _lacking_cache_bytes(self) -> int:
        """What the cache of some device takes beyond the engine's own limit."""
        limit = self.memory.workload.engine.cache_limit_bytes()
        if limit is None:
            return 0
        return max(device.kv_cache_bytes + device.state_bytes for device in self.memory.per_device) - limit

    def room_bytes(self) -> tuple[int, ...]:
        """What each device has left for a cache beside weights, activations and overhead."""
        return tuple(
            self.capacity_bytes - device.weight_bytes - device.activation_bytes - device.overhead_bytes
            for device in self.memory.per_device
        )


def verdict_of(free_bytes: int, less_bytes: float, more_bytes: float) -> Verdict:
    """Whether it fits.

    Args:
        free_bytes: What stays free on the fullest device by the estimate; negative: what it lacks.
        less_bytes: How much less than the estimate the device may hold.
        more_bytes: How much more.

    Example:
        >>> verdict_of(10, 5, 10), verdict_of(-3, 5, 10), verdict_of(-6, 5, 10)
        ('fits', 'tight', 'does_not_fit')
    """
    if free_bytes >= more_bytes:
        return "fits"
    return "tight" if free_bytes >= -less_bytes else "does_not_fit"


def place(architecture: Architecture, workload: Workload, accelerator: Accelerator) -> Placement:
    """The workload, measured, on devices of this kind.

    Raises:
        WorkloadError: The model can't be spread over that many devices.
    """
    return Placement(measure(architecture, workload), workload.engine.budget_bytes(accelerator))
