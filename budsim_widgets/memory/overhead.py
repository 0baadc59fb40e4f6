"""An estimate of what a process takes on a device before it holds a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from budsim_widgets.memory.workload import Workload


def overhead_bytes(workload: Workload) -> int:
    """Bytes a device: the driver's context with its kernels, and what the allocator can't use.

    The table `data/overheads.json` holds the figures, their range and their source.
    """
    return int(load_table("overheads")["engines"][workload.engine]["overhead_bytes"])
