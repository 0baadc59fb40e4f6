"""An estimate of what a process takes on a device before it holds a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.data import load_table

if TYPE_CHECKING:
    from budsim_widgets.engines.workload import Workload


def overhead_bytes(workload: Workload) -> int:
    """Bytes on each device: the driver's context with its kernels, graphs, and buffers between devices.

    A constant of the engine, and another one where several devices talk to each other; it doesn't grow with the model.
    The table `data/overheads.json` holds the figures with their range and their source.

    Example:
        >>> from budsim_widgets.engines.workload import Workload
        >>> overhead_bytes(Workload()) // 1024**2
        512
    """
    table = load_table("overheads")
    own: int = table["engines"][workload.engine]["overhead_bytes"]
    between: int = table["parallel"]["overhead_bytes"]
    return own + between if workload.num_devices > 1 else own
