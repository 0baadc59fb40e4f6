"""An accelerator that was found on a machine, and the row of the table that it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware.accelerator import Accelerator
from budsim_widgets.hardware.checks import MAX_GIB, MAX_NAME_LENGTH
from budsim_widgets.hardware.finding import find
from budsim_widgets.hardware.index import bare
from budsim_widgets.hardware.table import accelerators
from budsim_widgets.hardware.usable import usable_memory
from budsim_widgets.printable import printable
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIB: Final = 2**20
_SAME_TOTAL: Final = 0.02
_ECC_AND_FIRMWARE: Final = 0.08
_CUT_OFF: Final = "..."


@dataclass(frozen=True, kw_only=True)
class DetectedAccelerator:
    """An accelerator of a machine.

    Attributes:
        accelerator: What it is: the row of the table, or what the driver says where it isn't in the table.
        index: Its number on the machine.
        name: What the driver calls it.
        total_bytes: The total that the driver shows, or the memory of a Mac.
        free_bytes: What is free now; None where the tool doesn't say.
    """

    accelerator: Accelerator
    index: int
    name: str
    total_bytes: int
    free_bytes: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Its fields, as JSON has them."""
        return {
            "accelerator": self.accelerator.to_dict(),
            "index": self.index,
            "name": self.name,
            "total_bytes": self.total_bytes,
            "free_bytes": self.free_bytes,
        }


def detected(
    name: str, index: int, total_bytes: int | None, free_bytes: int | None = None, *, vendor: str = "NVIDIA"
) -> DetectedAccelerator | None:
    """What a tool reports as an accelerator; None where it says neither a known name nor a possible total.

    Example:
        >>> found = detected("NVIDIA GeForce RTX 3090", 0, 24576 * 2**20, 20 * 2**30)
        >>> found.accelerator.name, found.free_bytes
        ('RTX 3090 24GB', 21474836480)
    """
    name = printable(name.strip())[:MAX_NAME_LENGTH]
    total = total_bytes if total_bytes is not None and 0 < total_bytes <= MAX_GIB * GIB else None
    row = _row(name, total)
    if row is None and (total is None or not name):
        return None
    own = row or Accelerator(name=name, vendor=vendor, driver_bytes=total, source="the driver")
    shown = total or own.driver_bytes or own.usable_bytes
    free = free_bytes if free_bytes is not None and 0 <= free_bytes <= shown else None
    return DetectedAccelerator(
        accelerator=_fitted(own, total), index=index, name=name, total_bytes=shown, free_bytes=free
    )


def partition(
    device: str, profile: str, index: int, total_bytes: int, free_bytes: int | None = None
) -> DetectedAccelerator:
    """A part of a GPU that MIG made (`3g.20gb`): all of its memory can be allocated, less what its context takes."""
    row = _row(device, None)
    label = f"{row.name if row else device} MIG {profile}".strip()
    own = Accelerator(
        name=printable(label)[:MAX_NAME_LENGTH],
        vendor="NVIDIA",
        driver_bytes=total_bytes,
        usable_bytes=total_bytes,
        usable_bytes_range=(int(total_bytes * 0.97), total_bytes),
        source="the driver",
    )
    return DetectedAccelerator(
        accelerator=own, index=index, name=own.name, total_bytes=total_bytes, free_bytes=free_bytes
    )


def _row(name: str, total_bytes: int | None) -> Accelerator | None:
    """The row of the table that the driver means."""
    if name.endswith(_CUT_OFF):
        return next(_beginning_with(name.removesuffix(_CUT_OFF), total_bytes), None)
    asked = name if total_bytes is None else f"{name}, {total_bytes // _MIB} MiB"
    try:
        return find(asked)
    except WorkloadError:
        return None


def _beginning_with(name: str, total_bytes: int | None) -> Iterator[Accelerator]:
    """The rows whose driver's name begins so (older versions of nvidia-smi cut it off) and whose memory is that."""
    start = bare(name).removeprefix("nvidia")
    if not any(map(str.isdigit, start)):  # cut off before the model
        return
    for one in accelerators():
        shown = one.driver_bytes or one.memory_bytes or one.usable_bytes
        is_named = any(bare(known).removeprefix("nvidia").startswith(start) for known in one.driver_names)
        if is_named and (total_bytes is None or abs(total_bytes / shown - 1) < _ECC_AND_FIRMWARE):
            yield one


def _fitted(row: Accelerator, total_bytes: int | None) -> Accelerator:
    """The row with the total that this machine's driver shows: ECC, for one, takes a part of it."""
    if total_bytes is None or row.unified_memory:
        return row
    if abs(total_bytes / (row.driver_bytes or row.memory_bytes or row.usable_bytes) - 1) <= _SAME_TOTAL:
        return row
    rule = usable_memory(row.vendor, "", total_bytes, is_shown=True)
    return replace(
        row,
        driver_bytes=total_bytes,
        usable_bytes=rule.num_bytes,
        usable_bytes_range=(rule.least_bytes, rule.most_bytes),
    )
