"""The result on screen follows the fields: its config is at hand, so other numbers take no time and ask no one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from budsim_widgets.panel.flow.run_action import ActionResult, compare_anew, compares_the_same, run_action

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.flow.runner import Runner
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
        runner: While it is busy with an action, nothing is calculated beside it.
        shown: The result on screen.
        show: Called with the new one.
    """

    def __init__(self, actions: Actions, inputs: Inputs, runner: Runner, shown: ShownResult, show: Show) -> None:
        self._actions, self._inputs, self._runner = actions, inputs, runner
        self._shown, self._show = shown, show

    def recalculate(self) -> None:
        """The result for the numbers in the fields; one of another model is marked as stale.

        Raises:
            WorkloadError: A number is out of range, or no accelerator is called so.
        """
        shown = self._shown.result
        if shown is None:
            return
        changed = replace(shown.action, params=self._shown.params_now())
        if compares_the_same(shown.action, changed) and not self._runner.is_busy:
            self._show(compare_anew(self._actions, shown, changed), follows=True)
        is_same_model = shown.resolved is not None and changed.params["model"] == shown.action.params["model"]
        if is_same_model and not self._runner.is_busy and changed != shown.action:
            self._show(run_action(self._actions, changed, shown.resolved), follows=True)
        self._shown.mark_stale()

    def take_accelerator(self) -> None:
        """The result for the accelerator in its field.

        Raises:
            WorkloadError: No accelerator is called so.
        """
        shown = self._shown.result
        if shown is not None and shown.action.type == "finetune":
            self._inputs.hardware.chosen()
            self.recalculate()
        else:
            self._shown.show(shown, follows=True)
