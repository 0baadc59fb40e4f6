"""Reports as a title, tables and remarks: what a terminal and Markdown show of them."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

from budsim_widgets.fitting import FitReport, LogReport, PrecisionsReport
from budsim_widgets.fitting.placement import Placement, Verdict
from budsim_widgets.fitting.sentences import START, facts, option_sentence, verdict_sentence
from budsim_widgets.memory import ComparisonReport, MemoryReport
from budsim_widgets.memory.rendering import all_lines, subtitle, title
from budsim_widgets.training import TrainingReport
from budsim_widgets.training import sentences as training_sentences
from budsim_widgets.training.rendering import HEADERS, rows
from budsim_widgets.units import format_bytes


class Table(NamedTuple):
    """Cells below headers.

    Attributes:
        headers: Of the columns; the first names the row.
        rows: The cells.
        is_named: Whether the headers are shown.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_named: bool = True


class Document(NamedTuple):
    """What is shown of a report.

    Attributes:
        title: The first line.
        tone: `good`, `doubtful`, `bad`, or empty: the colour of the title.
        lines: What follows it.
        tables: The figures.
        command: A line to copy, or None.
        remarks: What a person should know.
    """

    title: str
    tone: str = ""
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    command: str | None = None
    remarks: tuple[str, ...] = ()


_TONES = {"fits": "good", "tight": "doubtful", "does_not_fit": "bad"}


@singledispatch
def document_of(report: object) -> Document:
    """What is shown of a report."""
    first, *lines = repr(report).splitlines() or [""]
    return Document(first, lines=tuple(lines))


@document_of.register
def _(report: MemoryReport) -> Document:
    rows = tuple((line.name, format_bytes(line.num_bytes), line.basis, line.detail) for line in all_lines(report))
    devices = report.per_device if len(report.per_device) > 1 else ()
    tables = [Table(("part", "memory", "basis", "what it is"), rows)]
    if devices:
        held = tuple(
            (f"Device {device.index}", *map(format_bytes, (device.total_bytes, device.weight_bytes)))
            for device in devices
        )
        tables.append(Table(("device", "total", "weights"), held))
    return Document(
        title(report),
        lines=(subtitle(report),),
        tables=tuple(tables),
        remarks=(*report.recommendations, *report.notes),
    )


@document_of.register
def _(report: FitReport) -> Document:
    memory = document_of(report.memory)
    named = f"{report.model_id}: " if report.model_id else ""
    limits = tuple((name, value) for name, value in facts(report) if name != START)
    options = tuple((option.label, option_sentence(option).partition(": ")[2]) for option in report.options)
    tables = [Table(("limit", "value"), limits, is_named=False), *memory.tables]
    if options:
        tables.append(Table(("change", "what it brings"), options))
    return Document(
        f"{named}{verdict_sentence(report)}",
        tone=_TONES[report.verdict],
        lines=memory.lines,
        tables=tuple(tables),
        command=report.launch_command,
        remarks=memory.remarks,
    )


def verdict_of(report: MemoryReport) -> Verdict | None:
    """Whether a measured model fits on the accelerator of its workload; None where it names none."""
    accelerator = report.workload.accelerator
    if accelerator is None:
        return None
    return Placement(report, report.workload.engine.budget_bytes(accelerator)).verdict


@document_of.register
def _(report: ComparisonReport) -> Document:
    headers, rows = report.headers, tuple(report.cells())
    accelerator = report.workload.accelerator
    if accelerator is not None:
        verdicts = (verdict_of(row.report) if row.report else None for row in report.rows)
        headers = (*headers, f"on {accelerator.label}")
        rows = tuple(
            (*cells, verdict.replace("_", " ") if verdict else "-")
            for cells, verdict in zip(rows, verdicts, strict=True)
        )
    failures = tuple(f"{row.model_id}: {row.error}" for row in report.rows if row.error is not None)
    return Document(f"{len(rows)} models", tables=(Table(headers, rows),), remarks=failures)


@document_of.register
def _(report: TrainingReport) -> Document:
    limits = tuple(training_sentences.facts(report))
    options = tuple(map(training_sentences.option_sentence, report.options))
    tables = (Table(HEADERS, tuple(rows(report))), Table(("limit", "value"), limits, is_named=False))
    return Document(
        training_sentences.verdict_sentence(report) or training_sentences.title(report),
        tone=_TONES[report.verdict] if report.verdict else "",
        lines=(training_sentences.title(report), training_sentences.subtitle(report)),
        tables=tuple(table for table in tables if table.rows),
        remarks=(*options, *report.notes),
    )


@document_of.register
def _(report: PrecisionsReport) -> Document:
    return Document(report.title, tables=(Table(report.headers, tuple(report.cells())),))


@document_of.register
def _(report: LogReport) -> Document:
    return Document(report.title, tables=(Table(report.headers, tuple(report.cells())),), remarks=report.notes)
