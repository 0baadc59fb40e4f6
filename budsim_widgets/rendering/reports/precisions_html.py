"""A model in every precision of an engine as a table: one unit, the verdict in colour, the largest that fits marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.memory.rendering import BASIS_WORDS
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES
from budsim_widgets.rendering.tables import bytes_cell, table
from budsim_widgets.translation import tr
from budsim_widgets.units import common_unit

if TYPE_CHECKING:
    from budsim_widgets.fitting import PrecisionRow, PrecisionsReport


def precisions_html(report: PrecisionsReport) -> Html:
    """A row for each precision; columns that say nothing of any are left out."""
    unit = common_unit(row.total_bytes for row in report.rows)
    columns: dict[str, list[Html | str]] = {
        tr("Precision"): [_name(row, is_best=row is report.best) for row in report.rows],
        tr("Fits"): [_verdict(row) for row in report.rows],
        f"{tr('File')}, {unit.name}": [bytes_cell(unit, row.file_bytes) for row in report.rows],
        f"{tr('Weights')}, {unit.name}": [bytes_cell(unit, row.weight_bytes) for row in report.rows],
        f"{tr('Total')}, {unit.name}": [bytes_cell(unit, row.total_bytes) for row in report.rows],
        tr("Longest context"): [_count(row.max_seq_length) for row in report.rows],
        tr("Layers on the GPU"): [_count(row.gpu_layers) for row in report.rows],
        tr("Basis"): [tr(BASIS_WORDS[row.basis]) for row in report.rows],
    }
    said = {header: cells for header, cells in columns.items() if any(cells)}
    words = [at for at, header in enumerate(said) if header in {tr("Precision"), tr("Fits"), tr("Basis")}]
    rows = list(zip(*said.values(), strict=True))
    return table(list(said), rows, caption=tr("Memory by precision"), texts=words)


def _name(row: PrecisionRow, *, is_best: bool) -> Html:
    mark = tag("span", tr("the largest that fits"), class_="budsim-badge") if is_best else ""
    return tag("span", row.precision, " ", mark)


def _verdict(row: PrecisionRow) -> Html | str:
    if row.verdict is None or row.free_bytes is None:
        return ""
    kind = VERDICT_CLASSES[row.verdict]
    return tag("span", place_words(row.verdict, row.free_bytes), class_=f"budsim-placed budsim-placed-{kind}")


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
