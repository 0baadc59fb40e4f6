"""Whether a model fits on an accelerator, and on how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from budsim_widgets.hardware.accelerator import Accelerator
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.memory.measured import Measured

DEVICE_COUNTS: Final = (1, 2, 4, 8, 16, 32, 64)
"""Numbers of devices that models are divided over in practice."""


class Fit(NamedTuple):
    """How a model sits on an accelerator.

    Attributes:
        fits: Whether it fits on the devices of its workload: on one, unless it is parallel.
        devices_needed: The least number of such devices (a power of two) on which it fits; None: on no 64.
        free_bytes: What stays free on the fullest device; negative: what it lacks.
        share: The fullest device's part in use; above 1, it doesn't fit.
    """

    fits: bool
    devices_needed: int | None
    free_bytes: int
    share: float


class Demand(NamedTuple):
    """What a workload asks of devices, however many they are.

    Attributes:
        divided_bytes: What devices share: weights, KV cache, states.
        repeated_bytes: What each device holds: activations and overhead.
        fullest_bytes: What the fullest device holds where the workload says how many there are.
        num_devices: Devices that the workload asks for; 1: as many as it takes.
    """

    divided_bytes: int
    repeated_bytes: int
    fullest_bytes: int
    num_devices: int = 1

    @property
    def total_bytes(self) -> int:
        """What it takes on a single device."""
        return self.divided_bytes + self.repeated_bytes

    def bytes_on_one_of(self, count: int) -> int:
        """What one of so many devices holds at most; the fullest, where the workload says how many there are."""
        if self.num_devices > 1:
            return self.fullest_bytes
        return self.repeated_bytes - (-self.divided_bytes // count)

    def devices_needed(self, usable_bytes: int) -> int | None:
        """The least number of devices, each with so much memory."""
        room = usable_bytes - self.repeated_bytes
        for count in DEVICE_COUNTS:
            if self.divided_bytes <= count * room:
                return count
        return None


def demand_of(measured: Measured) -> Demand:
    """What a workload asks of devices."""
    held, repeated = [sum(share) for share in measured.placed.devices], measured.repeated_bytes
    return Demand(sum(held), repeated, max(held) + repeated, len(held))


def fits(report: MemoryReport, accelerator: Accelerator) -> Fit:
    """Whether the model of a report fits on an accelerator.

    `devices_needed` divides weights and cache evenly and repeats activations and overhead on each device.

    Example:
        16 GiB of weights and cache and 1 GiB of the rest, on devices of 10 GiB: 16 / 2 + 1 = 9 GiB on each of two.

        >>> Demand(divided_bytes=16, repeated_bytes=1, fullest_bytes=17).devices_needed(10)
        2
    """
    demand = demand_of(report.measured)
    usable = accelerator.usable_bytes
    free = usable - demand.fullest_bytes
    return Fit(free >= 0, demand.devices_needed(usable), free, demand.fullest_bytes / usable)
