"""The result on screen: what it was asked with, how it looks on an accelerator, and whether it still holds."""

from __future__ import annotations

from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any

from budsim_widgets.fitting import fit
from budsim_widgets.memory import MemoryReport
from budsim_widgets.panel.flow.after_pause import AfterPause
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.results.as_code import action_code, fit_code, question_of
from budsim_widgets.rendering.markup import Html
from budsim_widgets.rendering.reports.report_html import as_report, as_result, report_parts
from budsim_widgets.rendering.take_away.markdown import as_markdown
from budsim_widgets.rendering.take_away.picture import as_svg
from budsim_widgets.training import TrainingReport
from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.panel.flow.run_action import ActionResult
    from budsim_widgets.panel.inputs.inputs import Inputs
    from budsim_widgets.panel.kept_result import KeptResult
    from budsim_widgets.panel.view import PanelView
    from budsim_widgets.panel_question.question import Question

_PAUSE_SECONDS = 0.2
_STALE = mark("The fields have changed since: this is an earlier result.")


class ShownResult:
    """Shows one result at a time.

    Args:
        view: Where it is shown.
        inputs: The fields, which a result is held against.
        kept: What outlives the kernel.

    Attributes:
        result: What an action gave; None before the first.
        accelerator: What it should fit on; None: the smallest that does.
        fit_report: What of a calculated model fits there; None without an accelerator.
    """

    def __init__(self, view: PanelView, inputs: Inputs, kept: KeptResult) -> None:
        self._view = view
        self._kept = kept
        self._inputs = inputs
        self.result: ActionResult | None = None
        self.accelerator: Accelerator | None = None
        self.fit_report: FitReport | None = None
        self._offering = AfterPause(_PAUSE_SECONDS)
        # the text of a field comes on another thread than the result that it may overtake
        self._marking = RLock()
        inputs.to_result.layout.display = "none"
        inputs.to_result.on_click(lambda _: view.result.focus())

    def show(self, result: ActionResult | None, *, follows: bool = False) -> None:
        """A result, on the accelerator that stands in its field.

        Args:
            result: What an action gave.
            follows: Whether it follows a field, so that others may come at once after it.

        Raises:
            WorkloadError: No accelerator is called so.
        """
        accelerator = self._inputs.hardware.chosen()
        self.fit_report = _fit_report(result, accelerator)
        self.result, self.accelerator = result, accelerator
        if result is None:
            return
        answer, details = report_parts(
            result.report, accelerator, self.fit_report, result.resolved, is_offered=self._inputs.can_apply
        )
        self._view.show_result(as_report(answer), as_report(details))
        self._inputs.to_result.layout.display = SHOWN
        self._view.glance.show(_calculated(result), accelerator)
        self._view.precisions.show(_calculated(result), accelerator)
        self.mark_stale()
        self._kept.keep(lambda: as_result(answer, self._view.glance.html(), details), at_once=not follows)
        self._offering.call(self._offer, at_once=not follows)

    def finish(self) -> None:
        """Offers now what is offered after a pause: options, copies."""
        self._offering.finish()

    def withdraw(self) -> None:
        """Takes the result away, on screen and from what outlives the kernel."""
        self.result = self.fit_report = None
        self._offering.cancel()
        self._view.hide_result()
        self._inputs.to_result.layout.display = "none"
        self._kept.keep(Html)

    def mark_stale(self) -> None:
        """Says so where the result is for another model, other numbers or another use than stand in the fields."""
        with self._marking:
            is_stale = self.result is not None and (
                self.result.action.params != self.params_now() or not self._inputs.asks_for(self.result.action.type)
            )
            self._view.show_stale(tr(_STALE) if is_stale else "")

    def params_now(self) -> Mapping[str, Any]:
        """What the action of the result would be started with now."""
        return self._inputs.params_of(self.result.action.type) if self.result else {}

    def question(self) -> Question:
        """What stands in the fields, asked as the result on screen was."""
        return question_of(self._inputs, self.result.action.type if self.result else None)

    def code(self) -> str:
        """The line of Python that gives the same; empty without a result."""
        if self.result is None:
            return ""
        if self.fit_report is not None:
            return fit_code(self.result.action, self.fit_report.accelerator.name)
        return action_code(self.result.action)

    def _offer(self) -> None:
        """What can be done with the result on screen: more than is sent with each step of a slider."""
        result = self.result
        if result is None:
            return
        self._view.glance.settle()
        options = result.report.options if isinstance(result.report, TrainingReport) else ()
        options = self.fit_report.options if self.fit_report else options
        self._view.offer_options(option for option in options if self._inputs.can_apply(option.changes))
        self._view.take_away.offer(
            code=self.code(),
            markdown=as_markdown(result.report, self.fit_report),
            picture=as_svg(result.report, self.accelerator, self.fit_report),
            link="" if _is_of_a_file(result) else self.question().to_link_query(),
        )


def _fit_report(result: ActionResult | None, accelerator: Accelerator | None) -> FitReport | None:
    """What of a calculated model fits on an accelerator."""
    report = _calculated(result)
    if accelerator is None or report is None:
        return None
    workload = replace(report.workload, accelerator=accelerator)
    found = fit(report.architecture, workload, accelerator, model_id=report.model_id)
    # where the config comes from is said by the report that was calculated
    return replace(found, memory=replace(found.memory, model_id=report.model_id))


def _is_of_a_file(result: ActionResult) -> bool:
    """Whether the model is a file of this person, which a link can't name to another one."""
    return result.resolved is not None and result.resolved.source in {"file", "dict"}


def _calculated(result: ActionResult | None) -> MemoryReport | None:
    """The report of one model with one workload."""
    report = result.report if result else None
    return report if isinstance(report, MemoryReport) else None
