"""Every precision of the engine in a table: bytes, the longest context, the layers that fit on the card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import Layout, VBox

from budsim_widgets.fitting import compare_precisions
from budsim_widgets.panel.busy import Busy
from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.rendering.markup import Html
from budsim_widgets.rendering.reports.precisions_html import precisions_html
from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines import Workload
    from budsim_widgets.fitting import PrecisionsReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport

_OPEN: Final = mark("Compare precisions")
_CLOSE: Final = mark("Hide precisions")
_STATUS_DELAY_SECONDS: Final = 0.2


class PrecisionTable(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """A table that opens with a click, since the longest context of each takes longer than a slider may.

    It says how far it is and can be stopped; the rest of the panel goes on meanwhile.

    Args:
        show_error: Called with what went wrong.
    """

    def __init__(self, show_error: Callable[[Exception], None]) -> None:
        self._show_error = show_error
        self._report: MemoryReport | None = None
        self._accelerator: Accelerator | None = None
        self._busy = Busy()
        self._runner = Runner(
            self._busy.show_status, show_error, delay_seconds=_STATUS_DELAY_SECONDS, show_steps=self._busy.show_steps
        )
        self.toggle = OrderedButton(
            description=tr(_OPEN),
            tooltip=tr("A table: the file, the total and the longest context of each precision"),
            layout=Layout(width="auto", align_self="flex-start"),
        )
        self.toggle.add_class("budsim-open-precisions").on_click(self._open_or_close)
        self._table = Region()
        self._table.add_class("budsim-precision-table")
        self._busy.stop.on_click(lambda _: self._runner.cancel())
        super().__init__([self.toggle, self._busy, self._table], layout=Layout(display="none"))
        self.add_class("budsim-precisions")

    @property
    def is_open(self) -> bool:
        """Whether the table is shown."""
        return bool(self._table.value)

    def show(self, report: MemoryReport | None, accelerator: Accelerator | None) -> None:
        """Offers the table for a report; one of another model or workload closes it."""
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
        if accelerator is not None:  # as `fit` does: some engines keep free what depends on the device
            workload = replace(workload, accelerator=accelerator)
        self._runner.run(
            lambda: compare_precisions(architecture, workload, accelerator, through=steps.through),
            self._open,
            self._show_error,
            status=tr("Comparing precisions …"),
            steps=steps,
        )

    def _open(self, found: PrecisionsReport) -> None:
        self._table.value = precisions_html(found)
        self.toggle.description = tr(_CLOSE)

    def _close(self) -> None:
        self._runner.cancel()
        self._table.value, self.toggle.description = Html(), tr(_OPEN)


def _question(report: MemoryReport | None, accelerator: Accelerator | None) -> tuple[Any, ...]:
    """What the table depends on: everything but the precision."""
    if report is None:
        return ()
    return id(report.architecture), replace(report.workload, precision="auto"), accelerator
