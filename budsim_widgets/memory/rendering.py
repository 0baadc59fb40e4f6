"""A report as people see it: plain text, HTML, a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.printable import html_text, printable
from budsim_widgets.translation import mark
from budsim_widgets.units import format_bytes, format_count

if TYPE_CHECKING:
    import pandas as pd

    from budsim_widgets.memory.report import DeviceMemory, Line, MemoryReport

_BASIS_MARKS: Final = {"exact": "=", "estimate": "~"}
BASIS_WORDS: Final = {"exact": mark("exact"), "estimate": mark("estimate")}

_CELL: Final = "padding:2px 10px 2px 0;text-align:left;border:0;background:none"
_NUMBER: Final = "padding:2px 10px 2px 0;text-align:right;border:0;background:none;font-variant-numeric:tabular-nums"
_TEXT_COLOR: Final = "var(--jp-ui-font-color1, inherit)"
_FAINT_COLOR: Final = "var(--jp-ui-font-color2, inherit)"
_BORDER_COLOR: Final = "var(--jp-border-color2, rgba(128, 128, 128, 0.5))"
_BAR_COLOR: Final = "var(--jp-brand-color1, #1976d2)"
_TABLE: Final = f"border-collapse:collapse;margin:4px 0;font-size:inherit;color:{_TEXT_COLOR}"


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
    parts = [f"{format_count(report.num_parameters)} parameters", kind]
    if report.num_active_parameters != report.num_parameters:
        parts.append(f"{format_count(report.num_active_parameters)} active")
    parts += [f"batch_size {workload.batch_size:,}", f"seq_length {workload.seq_length:,}", workload.engine.name]
    if workload.num_devices > 1:
        parts.append(f"{workload.tensor_parallel} x {workload.pipeline_parallel} devices (tensor x pipeline)")
    return ", ".join(parts)


def text(report: MemoryReport) -> str:
    """The report as a table of plain text; `=` stands before exact figures, `~` before estimates."""
    rows = [(line.name, _marked(line), printable(line.detail)) for line in all_lines(report)]
    names, sizes = (max(len(row[column]) for row in rows) for column in range(2))
    table = [f"  {name:<{names}}  {size:>{sizes}}  {detail}".rstrip() for name, size, detail in rows]
    devices = [f"  device {device.index}: {format_bytes(device.total_bytes)}" for device in _several(report)]
    remarks = [f"  {remark}" for remark in (*report.recommendations, *report.notes)]
    return "\n".join([title(report), f"  {subtitle(report)}", *table, *devices, *remarks])


def html(report: MemoryReport) -> str:
    """The report as HTML: a table with a bar a line. Every value is escaped; colours are those of the theme."""
    total = max(report.total_bytes, 1)
    rows = "".join(_row(line, line.num_bytes / total) for line in all_lines(report))
    remarks = "".join(f"<li>{html_text(remark)}</li>" for remark in (*report.recommendations, *report.notes))
    return (
        f'<div class="budsim-report" style="color:{_TEXT_COLOR}">'
        f'<div style="font-weight:600">{html_text(title(report))}</div>'
        f'<div style="color:{_FAINT_COLOR}">{html_text(subtitle(report))}</div>'
        f'<table style="{_TABLE}"><thead><tr>{_head()}</tr></thead>'
        f"<tbody>{rows}{_device_rows(report)}</tbody></table>"
        f"{f'<ul>{remarks}</ul>' if remarks else ''}</div>"
    )


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
    try:
        import pandas as pd  # noqa: PLC0415 - only who asks for a frame loads pandas
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("A data frame needs pandas: pip install pandas", name="pandas") from error
    rows = [(line.name, line.num_bytes, line.basis, printable(line.detail)) for line in all_lines(report)]
    return pd.DataFrame(rows, columns=["part", "bytes", "basis", "detail"]).set_index("part")


def _marked(line: Line) -> str:
    return f"{_BASIS_MARKS[line.basis]} {format_bytes(line.num_bytes)}"


def _head() -> str:
    titles = (("Part", _CELL), ("Memory", _NUMBER), ("", _CELL), ("Basis", _CELL), ("What it is", _CELL))
    return "".join(
        f'<th scope="col" style="{style};border-bottom:1px solid {_BORDER_COLOR}">{name}</th>' for name, style in titles
    )


def _row(line: Line, share: float) -> str:
    weight = ";font-weight:600" if line.key == "total" else ""
    return (
        f'<tr><th scope="row" style="{_CELL}{weight or ";font-weight:400"}">{html_text(line.name)}</th>'
        f'<td style="{_NUMBER}{weight}">{format_bytes(line.num_bytes)}</td>'
        f'<td style="{_CELL}">{_bar(share)}</td>'
        f'<td style="{_CELL};color:{_FAINT_COLOR}">{line.basis}</td>'
        f'<td style="{_CELL};color:{_FAINT_COLOR}">{html_text(line.detail)}</td></tr>'
    )


def _bar(share: float) -> str:
    return (
        f'<div aria-hidden="true" style="width:120px;height:8px;border-radius:2px;background:{_BORDER_COLOR}">'
        f'<div style="width:{share:.1%};height:8px;border-radius:2px;background:{_BAR_COLOR}"></div></div>'
    )


def _device_rows(report: MemoryReport) -> str:
    return "".join(
        f'<tr><th scope="row" style="{_CELL};font-weight:400">Device {device.index}</th>'
        f'<td style="{_NUMBER}">{format_bytes(device.total_bytes)}</td>'
        f'<td colspan="3" style="{_CELL};color:{_FAINT_COLOR}">weights {format_bytes(device.weight_bytes)}, '
        f"KV cache {format_bytes(device.kv_cache_bytes)}</td></tr>"
        for device in _several(report)
    )


def _several(report: MemoryReport) -> tuple[DeviceMemory, ...]:
    """The devices of a report where they are more than one."""
    return report.per_device if len(report.per_device) > 1 else ()
