"""A result to take along: a Markdown table, and a picture that needs no notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.sentences import facts, verdict_sentence
from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
from budsim_widgets.memory.rendering import BASIS_WORDS, all_lines, title
from budsim_widgets.printable import printable
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.rendering.reports.training_html import HEADERS, moment_row
from budsim_widgets.rendering.segments import segments_of
from budsim_widgets.training import TrainingReport
from budsim_widgets.training import sentences as training_sentences
from budsim_widgets.translation import tr, translated
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budsim_widgets.fitting import FitReport
    from budsim_widgets.rendering.reports.kinds import Report

_WIDTH: Final = 640
_MARGIN: Final = 16
_BAR_HEIGHT: Final = 28
_LINE_HEIGHT: Final = 20
_FONT: Final = "font-family:system-ui,sans-serif"
_ESCAPED: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def as_markdown(report: Report, fit: FitReport | None = None) -> str:
    """A result as Markdown: what it is, then a table.

    Example:
        >>> from budsim_widgets.rendering.take_away.take_away import markdown_table
        >>> print(markdown_table(["Part", "Memory"], [["Weights", "14.96 GiB"]]))
        | Part | Memory |
        | --- | --- |
        | Weights | 14.96 GiB |
    """
    if isinstance(report, ComparisonReport):
        return markdown_table([tr("Model"), tr("Total"), tr("Weights"), tr("Cache")], map(_compared, report.rows))
    if isinstance(report, AnalysisReport):
        rows = [
            [f"{one.workload.seq_length:,}", format_bytes(one.total_bytes), format_bytes(one.kv_cache_bytes)]
            for one in report.reports
        ]
        return markdown_table([tr("Context"), tr("Total"), tr("KV cache")], rows)
    if isinstance(report, TrainingReport):
        rows = [list(moment_row(moment, report)) for moment in report.moments]
        said = [
            _plain(line) for line in (training_sentences.title(report), training_sentences.verdict_sentence(report))
        ]
        return "\n\n".join([*filter(None, said), markdown_table([tr(header) for header in HEADERS], rows)])
    memory = fit.memory if fit else report
    rows = [
        [tr(line.name), format_bytes(line.num_bytes), tr(BASIS_WORDS[line.basis]), translated(line.detail)]
        for line in all_lines(memory)
    ]
    table = markdown_table([tr("Part"), tr("Memory"), tr("Basis"), tr("Detail")], rows)
    limits = [f"- {_plain(name)}: {_plain(value)}" for name, value in facts(fit)] if fit else []
    said = [_plain(verdict_sentence(fit))] if fit else []
    return "\n\n".join([_plain(title(memory)), *said, table, *(["\n".join(limits)] if limits else [])])


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as GitHub and Jupyter show it; what Markdown would read in a cell is escaped."""
    lines = [headers, ["---"] * len(headers), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_svg(report: MemoryReport, fit: FitReport | None = None) -> str:
    """A report as an SVG document: its first sentence, the bar, and what each colour stands for."""
    capacity = fit.capacity_bytes * fit.num_devices if fit else 0
    scale = max(report.total_bytes, capacity, 1)
    said = verdict_sentence(fit) if fit else title(report)
    heading = printable(report.model_id or tr("This config"))
    parts = segments_of(report)
    drawn, left = [], float(_MARGIN)
    for part in parts:
        width = (_WIDTH - 2 * _MARGIN) * part.num_bytes / scale
        drawn.append(_rect(left, 64, width, _BAR_HEIGHT, part.plain_colour))
        left += width
    if capacity:
        at = _MARGIN + (_WIDTH - 2 * _MARGIN) * capacity / scale
        drawn.append(tag("line", x1=at, x2=at, y1=58, y2=98, style="stroke:#333;stroke-width:2;stroke-dasharray:4 3"))
    for index, part in enumerate(parts):
        y = 122 + _LINE_HEIGHT * index
        drawn += [
            _rect(_MARGIN, y - 10, 10, 10, part.plain_colour),
            _text(34, y, f"{tr(part.name)} {format_bytes(part.num_bytes)}"),
        ]
    height = 122 + _LINE_HEIGHT * len(parts)
    background = tag("rect", width=_WIDTH, height=height, fill="#fff")
    texts = (_text(_MARGIN, 26, heading, "font-weight:600"), _text(_MARGIN, 48, said))
    return str(tag("svg", background, *texts, *drawn, xmlns=_SVG, width=_WIDTH, height=height))


_SVG: Final = "http://www.w3.org/2000/svg"


def _rect(x: float, y: float, width: float, height: float, colour: str) -> Html:
    return tag("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", fill=colour)


def _text(x: float, y: float, text: str, style: str = "") -> Html:
    return tag("text", text, x=x, y=y, style=f"{_FONT};font-size:13px;fill:#222;{style}")


def _compared(row: object) -> list[str]:
    report = getattr(row, "report", None)
    name = str(getattr(row, "model_id", ""))
    if not isinstance(report, MemoryReport):
        return [name, "", "", ""]
    cache = report.kv_cache_bytes + report.state_bytes
    return [name, *map(format_bytes, (report.total_bytes, report.weight_bytes, cache))]


def _plain(text: str) -> str:
    return printable(text).translate(_ESCAPED)
