"""The result on screen follows the fields: its config is at hand, so other numbers take no time and ask no one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from budsim_widgets.panel.flow.callbacks import on_event
from budsim_widgets.panel.flow.run_action import ActionResult, compare_anew, compares_the_same, run_action
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.panel.flow.runners import Runners
    from budsim_widgets.panel.inputs.inputs import Inputs
    from budsim_widgets.panel.shown_result import ShownResult


class Show(Protocol):
    """Shows a result."""

    def __call__(self, result: ActionResult, *, follows: bool) -> None:
        """A result; `follows`: whether it follows a field, so that others may come at once after it."""


class FollowingFields:
    """Calculates the result on screen anew.

    Args:
        actions: What calculates.
        inputs: The fields.
        runners: While an action that a person started is under way, nothing is calculated beside it; many models are
            compared anew so that it is seen how far it is, and can be stopped.
        shown: The result on screen.
        show: Called with the new one.
        show_error: Called with what goes wrong.
    """

    def __init__(  # noqa: PLR0913 - its partners
        self,
        actions: Actions,
        inputs: Inputs,
        runners: Runners,
        *,
        shown: ShownResult,
        show: Show,
        show_error: Callable[[Exception], None],
    ) -> None:
        self._actions, self._inputs, self._runners = actions, inputs, runners
        self._shown, self._show, self._show_error = shown, show, show_error

    def connect(self) -> None:
        """Has the fields call it: numbers calculate anew, another model or use makes the result a stale one."""
        for field in self._inputs.numbers:
            field.observe(on_event(self.recalculate, self._show_error), "value")
        for field in (self._inputs.models.model, self._inputs.models.compare, self._inputs.training.use):
            field.observe(on_event(self._shown.mark_stale, self._show_error), "value")

    def recalculate(self) -> None:
        """The result for the numbers in the fields; one of another model is marked as stale.

        Raises:
            WorkloadError: A number is out of range, or no accelerator is called so.
        """
        shown = self._shown.result
        if shown is None:
            return
        changed = replace(shown.action, params=self._shown.params_now())
        if compares_the_same(shown.action, changed) and not self._runners.started.is_busy:
            self._compare_anew(shown, changed)
        is_same_model = shown.resolved is not None and changed.params["model"] == shown.action.params["model"]
        if is_same_model and not self._runners.started.is_busy and changed != shown.action:
            self._show(run_action(self._actions, changed, shown.resolved), follows=True)
        self._shown.mark_stale()

    def _compare_anew(self, shown: ActionResult, changed: PendingAction) -> None:
        def show(result: ActionResult) -> None:
            if self._shown.result is shown:  # else something else was started meanwhile
                self._show(result, follows=True)

        steps = Steps()
        self._runners.comparing.run(
            lambda: compare_anew(self._actions, shown, changed, steps=steps),
            show,
            self._show_error,
            status=tr("Comparing again …"),
            steps=steps,
        )

    def take_accelerator(self) -> None:
        """The result for the accelerator in its field.

        Raises:
            WorkloadError: No accelerator is called so.
        """
        self._inputs.hardware.chosen()
        self.recalculate()
