"""Every precision of the engine at a glance; a click on one chooses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import Layout, VBox

from budsim_widgets.fitting import compare_precisions
from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.flow.error_boundary import errors_shown
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.translation import mark, tr
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.fitting import PrecisionRow
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport

_OPEN: Final = mark("Compare precisions")
_CLOSE: Final = mark("Hide precisions")
_BEST_CLASS: Final = "budsim-best"


class PrecisionChoice(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """A list of precisions that opens with a click, since it takes longer than a slider may.

    Args:
        apply: Called with the precision that is clicked.
        show_error: Called with what went wrong.
    """

    def __init__(self, apply: Callable[[Mapping[str, Any]], None], show_error: Callable[[Exception], None]) -> None:
        self._apply, self._show_error = apply, show_error
        self._report: MemoryReport | None = None
        self._accelerator: Accelerator | None = None
        self.toggle = OrderedButton(
            description=tr(_OPEN),
            tooltip=tr("Every file of this model that the engine runs: its size, and whether it fits"),
            layout=Layout(width="auto"),
        )
        self.toggle.add_class("budsim-open-precisions").on_click(self._open_or_close)
        self._rows = VBox(layout=Layout(display="none"))
        self._rows.add_class("budsim-precision-rows")
        super().__init__([self.toggle, self._rows], layout=Layout(display="none"))
        self.add_class("budsim-precisions")

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return bool(self._rows.layout.display != "none")

    def show(self, report: MemoryReport | None, accelerator: Accelerator | None) -> None:
        """Offers the list for a report; one of another model or workload closes it."""
        if self.is_open and _question(self._report, self._accelerator) != _question(report, accelerator):
            self._close()
        self._report, self._accelerator = report, accelerator
        self.layout.display = SHOWN if report is not None else "none"

    def _open_or_close(self, _: object) -> None:
        if self.is_open:
            self._close()
            return
        with errors_shown(self._show_error):
            self._rows.children = tuple(self._buttons())
            self._rows.layout.display = SHOWN
            self.toggle.description = tr(_CLOSE)

    def _close(self) -> None:
        self._rows.layout.display, self.toggle.description = "none", tr(_OPEN)

    def _buttons(self) -> list[OrderedButton]:
        report = self._report
        if report is None or report.architecture is None:
            return []
        found = compare_precisions(report.architecture, report.workload, self._accelerator)
        return [self._button(row, is_best=row is found.best) for row in found.rows]

    def _button(self, row: PrecisionRow, *, is_best: bool) -> OrderedButton:
        button = OrderedButton(
            description=row_label(row, is_best=is_best),
            tooltip=tr("Choose this precision"),
            layout=Layout(width="auto"),
        )
        button.on_click(lambda _: self._apply({"precision": row.precision}))
        if is_best:
            button.add_class(_BEST_CLASS)
        return button


def row_label(row: PrecisionRow, *, is_best: bool = False) -> str:
    """What a button says.

    Example:
        >>> from budsim_widgets.fitting import PrecisionRow
        >>> row_label(PrecisionRow(precision="Q8_0", file_bytes=2**33, weight_bytes=2**33, total_bytes=2**34,
        ...     basis="exact", verdict="fits", free_bytes=2**30, max_seq_length=4096), is_best=True)
        'Q8_0: file 8.00 GiB, fits, 1.00 GiB free, up to 4,096 tokens (the largest that fits)'
    """
    parts = [tr("file {size}", size=format_bytes(row.file_bytes))]
    if row.verdict is not None and row.free_bytes is not None:
        parts.append(place_words(row.verdict, row.free_bytes))
    if row.max_seq_length:
        parts.append(tr("up to {tokens:,} tokens", tokens=row.max_seq_length))
    if row.gpu_layers is not None and row.verdict == "does_not_fit":
        parts.append(tr("{layers:,} layers on the card", layers=row.gpu_layers))
    best = f" ({tr('the largest that fits')})" if is_best else ""
    return f"{row.precision}: {', '.join(parts)}{best}"


def _question(report: MemoryReport | None, accelerator: Accelerator | None) -> tuple[Any, ...]:
    """What the list depends on: everything but the precision."""
    if report is None:
        return ()
    return id(report.architecture), replace(report.workload, precision="auto"), accelerator
