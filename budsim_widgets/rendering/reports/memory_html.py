"""One model under one workload, as HTML: where it fits, the bar, the parts in one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.demand import demand_of
from budsim_widgets.fitting.recommendations import smallest_place
from budsim_widgets.fitting.sentences import verdict_sentence
from budsim_widgets.memory.rendering import BASIS_WORDS, all_lines
from budsim_widgets.rendering.charts import legend, total_bar
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.prose import bullets
from budsim_widgets.rendering.reports.about import about_html, headline_html, other_notes, verdict_html, workload_text
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES, limits_html
from budsim_widgets.rendering.reports.option_words import advice
from budsim_widgets.rendering.reports.verdict import devices_label, verdict
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.translation import tr, translated
from budsim_widgets.units import common_unit

if TYPE_CHECKING:
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.resolver import ResolvedConfig


def memory_html(report: MemoryReport, resolved: ResolvedConfig | None) -> Html:
    """Without an accelerator: the smallest on which it fits."""
    headline, place = verdict(report), smallest_place(demand_of(report))
    return join(
        headline_html(headline),
        about_html(report, resolved, workload_text(report.workload)),
        _parts_html(report, headline.capacity_bytes, devices_label(place.accelerator, place.count) if place else ""),
        # the first sentence says where it fits, as the verdict does
        bullets(advice(report.recommendations[1:]), "budsim-advice"),
        bullets(other_notes(report, resolved), "budsim-notes"),
    )


def fit_html(fit: FitReport, report: MemoryReport, resolved: ResolvedConfig | None) -> Html:
    """On an accelerator: what is free, the limits, the line that starts the engine."""
    name = devices_label(fit.accelerator, fit.num_devices)
    return join(
        verdict_html(verdict_sentence(fit), VERDICT_CLASSES[fit.verdict]),
        _range_html(fit),
        about_html(report, resolved, workload_text(fit.workload)),
        limits_html(fit),
        _parts_html(fit.memory, fit.capacity_bytes * fit.num_devices, name),
        bullets(other_notes(fit.memory, resolved), "budsim-notes"),
    )


def _range_html(fit: FitReport) -> Html:
    """Why it is tight: the estimates end on both sides of what there is."""
    if fit.verdict != "tight":
        return Html()
    low, high = fit.memory.total_bytes_range
    unit = common_unit([high])
    said = tr(
        "It takes {low} to {high}, as far as the estimates go: it may fit, or lack a little.",
        low=unit.amount(low),
        high=unit.amount(high),
    )
    return tag("p", said, class_="budsim-hint")


def _parts_html(report: MemoryReport, capacity_bytes: int, capacity_name: str) -> Html:
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
        total_bar(report, capacity_bytes, max(report.total_bytes, capacity_bytes), capacity_name),
        legend(report),
        table(headers, rows, texts=(0, 3, 4), caption=tr("Memory by part"), last_is_total=True),
    )
