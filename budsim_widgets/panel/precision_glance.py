"""The row of precisions of the result on screen: it follows the result, its verdicts once the fields rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budsim_widgets.panel.frontend import PrecisionChips
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.rendering.markup import Html
from budsim_widgets.rendering.reports.precision_chips import (
    chips_html,
    chips_of,
    chosen_precision,
    question_text,
    rows_at_a_glance,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.fitting import PrecisionRow
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport


class PrecisionGlance:
    """Keeps the precisions of the last question: another precision asks nothing new.

    Args:
        apply: Called with the precision that is clicked.

    Attributes:
        chips: The widget.
    """

    def __init__(self, apply: Callable[[Mapping[str, Any]], None]) -> None:
        self.chips = PrecisionChips(lambda precision: apply({"precision": precision}))
        self.chips.layout.display = "none"
        self._report: MemoryReport | None = None
        self._accelerator: Accelerator | None = None
        self._question: tuple[Any, ...] = ()
        self._asked: MemoryReport | None = None  # as long as it is kept, no other architecture has its id
        self._rows: tuple[PrecisionRow, ...] = ()

    def show(self, report: MemoryReport | None, accelerator: Accelerator | None) -> None:
        """The row for a report; verdicts of another question are taken away until `settle`.

        Args:
            report: What was calculated; None: no single model, so there is no row.
            accelerator: What it should fit on; None: the row says how much each takes.
        """
        self._report, self._accelerator = report, accelerator
        asked = question_of(report, accelerator)
        # of another model or engine not even the names are known to be those
        if report is None or asked == self._question or _kind(asked) != _kind(self._question):
            self.settle()
        elif self.chips.is_settled:
            self.chips.is_settled = False

    def settle(self) -> None:
        """The verdicts of the report on screen."""
        report = self._report
        rows = self._rows_of(report)
        with self.chips.hold_sync():
            self.chips.chips = [chip.to_dict() for chip in chips_of(rows)]
            self.chips.chosen = chosen_precision(rows, report) if report else ""
            self.chips.question = question_text(rows)
            self.chips.is_settled = True
        self.chips.layout.display = SHOWN if rows else "none"

    def html(self) -> Html:
        """The row as text with colours, for what outlives the kernel."""
        return chips_html(self._rows_of(self._report), self._report) if self._report else Html()

    def _rows_of(self, report: MemoryReport | None) -> tuple[PrecisionRow, ...]:
        asked = question_of(report, self._accelerator)
        if asked != self._question:
            self._rows = rows_at_a_glance(report, self._accelerator) if report else ()
            self._question, self._asked = asked, report
        return self._rows


def question_of(report: MemoryReport | None, accelerator: Accelerator | None) -> tuple[Any, ...]:
    """What the verdicts depend on: everything but the precision; the model and its engine first."""
    if report is None:
        return ()
    workload = replace(report.workload, precision="auto")
    return (id(report.architecture), workload.engine.name), workload, accelerator


def _kind(question: tuple[Any, ...]) -> Any:
    return question[0] if question else None
