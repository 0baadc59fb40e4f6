"""A report as people see it in a terminal, and as a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.memory.tables import data_frame
from budsim_widgets.printable import printable
from budsim_widgets.translation import mark
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    import pandas as pd

    from budsim_widgets.memory.device_memory import DeviceMemory
    from budsim_widgets.memory.lines import Line
    from budsim_widgets.memory.report import MemoryReport

_BASIS_MARKS: Final = {"exact": "=", "estimate": "~"}
BASIS_WORDS: Final = {"exact": mark("exact"), "estimate": mark("estimate")}


def title(report: MemoryReport) -> str:
    """The first line: how much, for what.

    Example:
        `meta-llama/Llama-3.1-8B: 16.20 GiB` …
    """
    return f"{printable(report.model_id or 'Model')}: {format_bytes(report.total_bytes)}"


def subtitle(report: MemoryReport) -> str:
    """The second line: the model and its workload."""
    workload = report.workload
    kind = " ".join(
        part for part in (report.attention_type and report.attention_type.upper(), report.model_type) if part
    )
    parts = [f"{format_count(report.num_parameters)} parameters{_range_of(report)}", kind]
    if report.num_active_parameters != report.num_parameters:
        parts.append(f"{format_count(report.num_active_parameters)} active")
    parts += [f"batch_size {workload.batch_size:,}", f"seq_length {workload.seq_length:,}", workload.engine.name]
    if workload.num_devices > 1:
        parts.append(f"{workload.tensor_parallel} x {workload.pipeline_parallel} devices (tensor x pipeline)")
    return ", ".join(parts)


def _range_of(report: MemoryReport) -> str:
    """Between which numbers of parameters the model is, where it isn't known."""
    low, high = map(format_count, report.num_parameters_range)
    return "" if low == high else f" ({low} to {high})"


def text(report: MemoryReport) -> str:
    """The report as a table of plain text; `=` stands before exact figures, `~` before estimates."""
    rows = [(line.name, _marked(line), line.detail) for line in all_lines(report)]
    names, sizes = (max(len(row[column]) for row in rows) for column in range(2))
    table = [f"  {name:<{names}}  {size:>{sizes}}  {detail}".rstrip() for name, size, detail in rows]
    devices = [f"  device {device.index}: {format_bytes(device.total_bytes)}" for device in _several(report)]
    remarks = [f"  {remark}" for remark in (*report.recommendations, *report.notes)]
    return "\n".join([title(report), f"  {subtitle(report)}", *table, *devices, *remarks])


def all_lines(report: MemoryReport) -> tuple[Line, ...]:
    """The lines of a report, the total last."""
    total = report.lines[0]._replace(
        key="total", name="Total", num_bytes=report.total_bytes, basis="estimate", detail=""
    )
    return (*report.lines, total)


def frame(report: MemoryReport) -> pd.DataFrame:
    """The lines as a data frame, indexed by the part.

    Raises:
        ModuleNotFoundError: pandas isn't installed; the message says how to install it.
    """
    rows = [(line.name, line.num_bytes, line.basis, line.detail) for line in all_lines(report)]
    return data_frame(rows, columns=("part", "bytes", "basis", "detail"), index="part")


def _marked(line: Line) -> str:
    return f"{_BASIS_MARKS[line.basis]} {format_bytes(line.num_bytes)}"


def _several(report: MemoryReport) -> tuple[DeviceMemory, ...]:
    """The devices of a report where they are more than one."""
    return report.per_device if len(report.per_device) > 1 else ()
