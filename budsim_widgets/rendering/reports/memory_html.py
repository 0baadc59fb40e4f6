"""One model under one workload, as HTML: where it fits, the bar, the parts in one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.fitting.sentences import verdict_sentence
from budsim_widgets.memory.rendering import BASIS_WORDS, all_lines
from budsim_widgets.rendering.charts import legend, total_bar
from budsim_widgets.rendering.markup import NOTHING, Html, join, tag
from budsim_widgets.rendering.prose import bullets
from budsim_widgets.rendering.reports.about import about_html, headline_html, other_notes, verdict_html, workload_text
from budsim_widgets.rendering.reports.devices_html import devices_html
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES, limits_html
from budsim_widgets.rendering.reports.option_words import advice
from budsim_widgets.rendering.reports.report_bars import fit_bars, memory_bars
from budsim_widgets.rendering.reports.verdict import verdict
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.translation import tr, translated
from budsim_widgets.units import common_unit

if TYPE_CHECKING:
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.rendering.bars import Bars
    from budsim_widgets.resolver import ResolvedConfig


class ReportParts(NamedTuple):
    """A report in two parts, between which there is room for the precisions.

    Attributes:
        answer: The verdict.
        details: All the rest.
    """

    answer: Html
    details: Html


def memory_parts(report: MemoryReport, resolved: ResolvedConfig | None) -> ReportParts:
    """Without an accelerator: the smallest on which it fits."""
    details = join(
        about_html(report, resolved, workload_text(report.workload)),
        _parts_html(report, memory_bars(report)),
        # the first sentence says where it fits, as the verdict does
        bullets(advice(report.recommendations[1:]), "budsim-advice"),
        bullets(other_notes(report, resolved), "budsim-notes"),
    )
    return ReportParts(headline_html(verdict(report)), details)


def fit_parts(
    fit: FitReport, report: MemoryReport, resolved: ResolvedConfig | None, options: Html = NOTHING
) -> ReportParts:
    """On an accelerator: what is free, the limits, the line that starts the engine; `options` before the notes."""
    answer = join(verdict_html(verdict_sentence(fit), VERDICT_CLASSES[fit.verdict]), _range_html(fit))
    details = join(
        about_html(report, resolved, workload_text(fit.workload)),
        limits_html(fit),
        _parts_html(fit.memory, fit_bars(fit)),
        options,
        bullets(other_notes(fit.memory, resolved), "budsim-notes"),
    )
    return ReportParts(answer, details)


def _range_html(fit: FitReport) -> Html:
    """Why it is tight: the estimates end on both sides of what there is."""
    if fit.verdict != "tight":
        return Html()
    low, high = fit.memory.total_bytes_range
    unit = common_unit([high])
    said = tr(
        "It takes {low} to {high}, as far as the estimates go.",
        low=unit.amount(low),
        high=unit.amount(high),
    )
    return tag("p", said, class_="budsim-hint")


def _parts_html(report: MemoryReport, drawn: Bars) -> Html:
    lines = [part for part in all_lines(report) if part.num_bytes]
    unit, total = common_unit([report.total_bytes]), max(report.total_bytes, 1)
    rows = [
        (
            tr(part.name),
            bytes_cell(unit, part.num_bytes),
            f"{part.num_bytes / total:.0%}",
            tr(BASIS_WORDS[part.basis]),
            translated(part.detail),
        )
        for part in lines
    ]
    headers = (tr("Part"), unit.name, tr("Share"), tr("Basis"), tr("Detail"))
    return join(
        total_bar(drawn.parts, drawn.capacity_bytes, drawn.scale_bytes, drawn.capacity_name),
        legend(drawn.parts),
        table(headers, rows, texts=(0, 3, 4), caption=tr("Memory by part"), last_is_total=True),
        devices_html(report),
    )
