"""Every precision of the engine at a glance; a click on one chooses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HBox, Layout, VBox

from budsim_widgets.fitting import compare_precisions
from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.panel.busy import Busy
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES
from budsim_widgets.translation import mark, tr
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.fitting import PrecisionRow, PrecisionsReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport

_OPEN: Final = mark("Compare precisions")
_CLOSE: Final = mark("Hide precisions")
_STATUS_DELAY_SECONDS: Final = 0.2
_BEST_CLASS: Final = "budsim-best"
_CHIP_CLASS: Final = "budsim-chip"


class PrecisionChoice(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """A list of precisions that opens with a click, since it takes longer than a slider may.

    It says how far it is and can be stopped; the rest of the panel goes on meanwhile.

    Args:
        apply: Called with the precision that is clicked.
        show_error: Called with what went wrong.
    """

    def __init__(self, apply: Callable[[Mapping[str, Any]], None], show_error: Callable[[Exception], None]) -> None:
        self._apply, self._show_error = apply, show_error
        self._report: MemoryReport | None = None
        self._accelerator: Accelerator | None = None
        self._busy = Busy()
        self._runner = Runner(
            self._busy.show_status, show_error, delay_seconds=_STATUS_DELAY_SECONDS, show_steps=self._busy.show_steps
        )
        self._made: list[PrecisionButton] = []
        self.toggle = OrderedButton(
            description=tr(_OPEN),
            tooltip=tr("Every file of this model that the engine runs: its size, and whether it fits"),
            layout=Layout(width="auto", align_self="flex-start"),
        )
        self.toggle.add_class("budsim-open-precisions").on_click(self._open_or_close)
        self._rows = HBox(layout=Layout(display="none", flex_flow="row wrap"))
        self._rows.add_class("budsim-precision-rows")
        self._busy.stop.on_click(lambda _: self._runner.cancel())
        super().__init__([self.toggle, self._busy, self._rows], layout=Layout(display="none"))
        self.add_class("budsim-precisions")

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return bool(self._rows.layout.display != "none")

    def show(self, report: MemoryReport | None, accelerator: Accelerator | None) -> None:
        """Offers the list for a report; one of another model or workload closes it."""
        is_begun = self.is_open or self._runner.is_busy
        if is_begun and _question(self._report, self._accelerator) != _question(report, accelerator):
            self._close()
        self._report, self._accelerator = report, accelerator
        self.layout.display = SHOWN if report is not None else "none"

    async def idle(self) -> None:
        """Returns when nothing is being compared."""
        await self._runner.idle()

    def _open_or_close(self, _: object) -> None:
        if self.is_open or self._runner.is_busy:
            self._close()
        elif self._report is not None:
            self._compare(self._report.architecture, self._report.workload)

    def _compare(self, architecture: Architecture, workload: Workload) -> None:
        steps, accelerator = Steps(), self._accelerator
        self._runner.run(
            lambda: compare_precisions(architecture, workload, accelerator, through=steps.through),
            self._open,
            self._show_error,
            status=tr("Comparing precisions …"),
            steps=steps,
        )

    def _open(self, found: PrecisionsReport) -> None:
        while len(self._made) < len(found.rows):
            self._made.append(PrecisionButton(self._choose))
        buttons = tuple(self._made[: len(found.rows)])
        for button, row in zip(buttons, found.rows, strict=True):
            button.show(row, is_best=row is found.best)
        self._rows.children = buttons
        self._rows.layout.display = SHOWN
        self.toggle.description = tr(_CLOSE)

    def _choose(self, precision: str) -> None:
        self._apply({"precision": precision})

    def _close(self) -> None:
        self._runner.cancel()
        self._rows.layout.display, self.toggle.description = "none", tr(_OPEN)


class PrecisionButton(OrderedButton):
    """One precision; made once, and shown for others later."""

    def __init__(self, choose: Callable[[str], None]) -> None:
        super().__init__(tooltip=tr("Choose this precision"), layout=Layout(width="auto"))
        self._precision = ""
        self._classes: set[str] = set()
        self.on_click(lambda _: choose(self._precision))

    def show(self, row: PrecisionRow, *, is_best: bool) -> None:
        """Says what this precision takes."""
        self._precision, self.description = row.precision, row_label(row, is_best=is_best)
        classes = {f"{_CHIP_CLASS}-{VERDICT_CLASSES[row.verdict]}"} if row.verdict else set()
        if is_best:
            classes.add(_BEST_CLASS)
        for name in self._classes - classes:
            self.remove_class(name)
        for name in classes - self._classes:
            self.add_class(name)
        self._classes = classes


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
