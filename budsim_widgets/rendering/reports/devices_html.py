"""What each of several devices holds, as HTML; those that hold the same stand in one row."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from budsim_widgets.rendering.markup import Html
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.translation import tr
from budsim_widgets.units import common_unit

if TYPE_CHECKING:
    from budsim_widgets.memory import DeviceMemory, MemoryReport


def devices_html(report: MemoryReport) -> Html:
    """A row for each device, or for several that hold the same; nothing for a single one."""
    devices = report.per_device
    if len(devices) == 1:
        return Html()
    unit = common_unit([report.peak_device.total_bytes])
    groups = [list(alike) for _, alike in groupby(devices, key=_columns)]
    rows = [(_name(alike), *(bytes_cell(unit, value) for value in _columns(alike[0]))) for alike in groups]
    names = (tr("Total"), tr("Weights"), tr("Cache"), tr("Activations"), tr("Overhead"))
    headers = (tr("Device"), *(f"{name}, {unit.name}" for name in names))
    return table(headers, rows, caption=tr("Memory by device"))


def _name(alike: list[DeviceMemory]) -> str:
    first, last = alike[0].index, alike[-1].index
    return f"{first}" if first == last else f"{first}\N{EN DASH}{last}"


def _columns(device: DeviceMemory) -> tuple[int, ...]:
    cache = device.kv_cache_bytes + device.state_bytes
    return device.total_bytes, device.weight_bytes, cache, device.activation_bytes, device.overhead_bytes
