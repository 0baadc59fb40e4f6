"""How the memory of a model grows with its context, as HTML: the longest context, the chart, a row for each length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.limits import full_at
from budsim_widgets.hardware import accelerators
from budsim_widgets.rendering.charts import legend
from budsim_widgets.rendering.context_chart import FullAt, context_chart
from budsim_widgets.rendering.markup import Html, heading, join, tag
from budsim_widgets.rendering.prose import bullets
from budsim_widgets.rendering.reports.about import about_html, headline_html, other_notes, workload_text
from budsim_widgets.rendering.reports.option_words import advice
from budsim_widgets.rendering.reports.verdict import capacity_of, context_verdict, devices_label, place_of
from budsim_widgets.rendering.segments import all_parts, segments_of
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.translation import tr, translated
from budsim_widgets.units import common_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import AnalysisReport, MemoryReport
    from budsim_widgets.resolver import ResolvedConfig


def analysis_html(
    report: AnalysisReport, accelerator: Accelerator | None, resolved: ResolvedConfig | None = None
) -> Html:
    """An analysis; against an accelerator where one is chosen, else against those that are full on the way."""
    lines = full_lines(report, accelerator)
    longest = report.reports[-1]
    headline = context_verdict(report, accelerator, lines[0].tokens if accelerator and lines else None)
    return join(
        headline_html(headline),
        about_html(longest, resolved, workload_text(longest.workload, with_length=False)),
        heading(3, tr("Total memory in GiB by context length"), class_="budsim-chart-title"),
        context_chart(report.reports, headline.capacity_bytes if accelerator else 0, lines),
        legend(all_parts(map(segments_of, report.reports)), with_numbers=False),
        _table(report.reports, accelerator),
        bullets(map(translated, report.insights), "budsim-advice"),
        tag("p", tr("At {tokens:,} tokens:", tokens=longest.workload.seq_length), class_="budsim-notes")
        if report.recommendations
        else "",
        bullets((*advice(report.recommendations), *other_notes(longest, resolved)), "budsim-notes"),
    )


def full_lines(report: AnalysisReport, accelerator: Accelerator | None) -> list[FullAt]:
    """Where the accelerator is full, or those that are full on the way."""
    longest = report.reports[-1]
    if accelerator is None:
        known = {one.name: one for one in accelerators()}
        named = [(known[name], tokens) for name, tokens in report.full_at.items() if name in known]
        return [FullAt(one.name, capacity_of(longest, one), tokens) for one, tokens in named]
    tokens = None
    if longest.architecture is not None:
        found = full_at(longest.architecture, longest.workload, [accelerator], longest.workload.seq_length)
        tokens = next(iter(found.values()), None)
    name = devices_label(accelerator, longest.workload.num_devices)
    return [FullAt(name, capacity_of(longest, accelerator), tokens)]


def _table(reports: Iterable[MemoryReport], accelerator: Accelerator | None) -> Html:
    all_ = tuple(reports)
    unit = common_unit(one.total_bytes for one in all_)
    rows = [
        (
            f"{one.workload.seq_length:,}",
            place_of(one, accelerator),
            *(bytes_cell(unit, value) for value in _columns(one)),
        )
        for one in all_
    ]
    names = [tr("Total"), tr("Weights"), tr("Cache"), tr("Activations"), tr("Overhead")]
    headers = (tr("Context"), tr("Fits on"), *(f"{name}, {unit.name}" for name in names))
    return table(headers, rows, texts=(0, 1), caption=tr("Memory by context length"))


def _columns(report: MemoryReport) -> tuple[int, ...]:
    cache = report.kv_cache_bytes + report.state_bytes
    return report.total_bytes, report.weight_bytes, cache, report.activation_bytes, report.overhead_bytes
