"""Every precision of an engine at a glance, as HTML: how much it takes, and whether it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import compare_precisions
from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.rendering.markup import Html, heading, join, tag
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES
from budsim_widgets.translation import tr
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from budsim_widgets.fitting import PrecisionRow
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport

_SIGNS: Final = {"fits": "\N{CHECK MARK} ", "tight": "\N{ALMOST EQUAL TO} ", "does_not_fit": "\N{BALLOT X} ", None: ""}


def precision_chips(report: MemoryReport, accelerator: Accelerator | None) -> Html:
    """A chip for each precision, the largest first; that of the report is set apart. Nothing where there is no choice.

    Args:
        report: What was calculated.
        accelerator: What it should fit on; None: only how much each takes is said.
    """
    try:
        rows = compare_precisions(report.architecture, report.workload, accelerator).rows
    except WorkloadError:  # the engine runs none of them: there is nothing to choose
        return Html()
    if len(rows) < 2:  # noqa: PLR2004 - a choice
        return Html()
    own = next((row for row in rows if _is_own(row, report)), None)
    title = heading(3, tr("Total memory by precision"), class_="budsim-chart-title")
    return join(title, tag("ul", *(_chip(row, is_chosen=row is own) for row in rows), class_="budsim-chips"))


def _is_own(row: PrecisionRow, report: MemoryReport) -> bool:
    """Whether it is the one of the report; "auto" is whichever takes the same."""
    if report.workload.precision == "auto":
        return (row.weight_bytes, row.total_bytes) == (report.weight_bytes, report.total_bytes)
    return row.precision == report.workload.precision


def _chip(row: PrecisionRow, *, is_chosen: bool) -> Html:
    kind = f" budsim-chip-{VERDICT_CLASSES[row.verdict]}" if row.verdict else ""
    chosen = " budsim-chosen" if is_chosen else ""
    said = place_words(row.verdict, row.free_bytes) if row.verdict and row.free_bytes is not None else None
    return tag(
        "li",
        f"{_SIGNS[row.verdict]}{row.precision} {format_bytes(row.total_bytes)}",
        class_=f"budsim-chip{kind}{chosen}",
        title=said,
    )
