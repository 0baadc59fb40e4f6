"""A result as Markdown: what it is, then a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.sentences import facts, verdict_sentence
from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
from budsim_widgets.memory.rendering import BASIS_WORDS, all_lines, title
from budsim_widgets.printable import printable
from budsim_widgets.rendering.reports.training_html import HEADERS, moment_row
from budsim_widgets.training import TrainingReport
from budsim_widgets.training import sentences as training_sentences
from budsim_widgets.translation import tr, translated
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budsim_widgets.fitting import FitReport
    from budsim_widgets.rendering.reports.kinds import Report

_ESCAPED: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def as_markdown(report: Report, fit: FitReport | None = None) -> str:
    """A result as Markdown: what it is, then a table.

    Example:
        >>> from budsim_widgets.rendering.take_away.markdown import markdown_table
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


def _compared(row: object) -> list[str]:
    report = getattr(row, "report", None)
    name = str(getattr(row, "model_id", ""))
    if not isinstance(report, MemoryReport):
        return [name, "", "", ""]
    cache = report.kv_cache_bytes + report.state_bytes
    return [name, *map(format_bytes, (report.total_bytes, report.weight_bytes, cache))]


def _plain(text: str) -> str:
    return printable(text).translate(_ESCAPED)
