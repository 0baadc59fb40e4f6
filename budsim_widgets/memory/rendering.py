"""A report as people see it: plain text, HTML, a data frame."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    import pandas as pd

    from budsim_widgets.memory.report import Line, MemoryReport


def title(report: MemoryReport) -> str:
    """The first line: whose memory, and how it runs."""
    workload = report.workload
    name = report.model_id or "model"
    return (
        f"{name}: {format_bytes(report.total_bytes)} "
        f"({format_count(report.num_parameters)} parameters, batch_size {workload.batch_size:,}, "
        f"seq_length {workload.seq_length:,})"
    )


def text(report: MemoryReport) -> str:
    """The report as a table of plain text."""
    rows = [(line.name, format_bytes(line.num_bytes), line.basis, line.detail) for line in all_lines(report)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [
        f"  {name:<{widths[0]}}  {size:>{widths[1]}}  {basis:<{widths[2]}}  {detail}".rstrip()
        for name, size, basis, detail in rows
    ]
    devices = [f"  device {device.index}: {format_bytes(device.total_bytes)}" for device in report.per_device]
    notes = [f"  note: {note}" for note in report.notes]
    return "\n".join([title(report), *table, *devices, *notes, *(f"  -> {line}" for line in report.recommendations)])


def html(report: MemoryReport) -> str:
    """The report as an HTML table; every value is escaped."""
    rows = "".join(
        f"<tr><td>{escape(line.name)}</td><td style='text-align:right'>{format_bytes(line.num_bytes)}</td>"
        f"<td>{line.basis}</td><td>{escape(line.detail)}</td></tr>"
        for line in all_lines(report)
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in (*report.recommendations, *report.notes))
    return f"<div class='budsim-report'><b>{escape(title(report))}</b><table>{rows}</table><ul>{notes}</ul></div>"


def all_lines(report: MemoryReport) -> tuple[Line, ...]:
    """The lines of a report, the total last."""
    from budsim_widgets.memory.report import Line  # noqa: PLC0415 - the report shows itself through this module

    return (*report.lines, Line("Total", report.total_bytes, "estimate", ""))


def frame(report: MemoryReport) -> pd.DataFrame:
    """The lines as a data frame, indexed by their name."""
    try:
        import pandas as pd  # noqa: PLC0415 - only who asks for a frame loads pandas
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("A data frame needs pandas: pip install pandas", name="pandas") from error
    return pd.DataFrame(
        [(line.name, line.num_bytes, line.basis, line.detail) for line in all_lines(report)],
        columns=["part", "bytes", "basis", "detail"],
    ).set_index("part")
