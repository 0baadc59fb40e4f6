"""A comparison as HTML: a bar for each model, a table, and why some are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.memory.rendering import BASIS_WORDS
from budsim_widgets.rendering.bars import bars_html
from budsim_widgets.rendering.markup import Html, heading, join, shorten, tag
from budsim_widgets.rendering.model_names import name_html, short_names
from budsim_widgets.rendering.prose import linked_prose, prose
from budsim_widgets.rendering.reports.about import verdict_html, workload_text
from budsim_widgets.rendering.reports.report_bars import comparison_bars
from budsim_widgets.rendering.reports.verdict import comparison_verdict, place_of
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.translation import tr, translated
from budsim_widgets.units import common_unit, format_count

if TYPE_CHECKING:
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import ComparisonReport, MemoryReport


def comparison_html(report: ComparisonReport, accelerator: Accelerator | None) -> Html:
    """All models under one workload, those that failed with why."""
    headline = comparison_verdict(report, accelerator)
    done = [(row.model_id, row.report) for row in report.rows if row.report is not None]
    return join(
        verdict_html(headline.sentence, "plain"),
        tag("div", workload_text(report.workload), class_="budsim-about"),
        bars_html(comparison_bars(report, accelerator)),
        _table(done, accelerator) if done else "",
        _failures(report),
    )


def _table(done: list[tuple[str, MemoryReport]], accelerator: Accelerator | None) -> Html:
    unit = common_unit(one.total_bytes for _, one in done)
    names = (tr("Total"), tr("Weights"), tr("Cache"), tr("Activations"))
    short = short_names(name for name, _ in done)
    headers = [tr("Model"), tr("Fits on"), tr("Parameters"), *(f"{name}, {unit.name}" for name in names), tr("Basis")]
    rows = [
        (
            name_html(name, short[name]),
            place_of(one, accelerator),
            format_count(one.num_parameters),
            *(bytes_cell(unit, value) for value in _columns(one)),
            tr(BASIS_WORDS[one.basis]),
        )
        for name, one in done
    ]
    return table(headers, rows, caption=tr("Memory of each model"), texts=(0, 1, 7))


def _columns(report: MemoryReport) -> tuple[int, ...]:
    cache = report.kv_cache_bytes + report.state_bytes
    return (report.total_bytes, report.weight_bytes, cache, report.activation_bytes)


def _failures(report: ComparisonReport) -> Html:
    """The models that failed, each with why and what to do."""
    items = [
        tag(
            "li",
            tag("strong", shorten(row.model_id)),
            ": ",
            prose(translated(row.error.message)),
            " ",
            linked_prose(translated(row.error.next_step)),
        )
        for row in report.rows
        if row.error is not None
    ]
    return join(heading(3, tr("Not calculated"), class_="budsim-what"), tag("ul", *items)) if items else Html()
