"""From a click to a result, by way of the configs that are missing.

Whatever the person started goes on by itself when a config was pasted, with the parameters that it was started with.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from budsim_widgets.errors import GatedModelError
from budsim_widgets.panel.flow.pending import MissingConfig
from budsim_widgets.panel.flow.run_action import ActionResult, first_missing_config, rows_of, run_action
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.rendering.prose import can_be_pasted
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.panel.flow.runner import Runner
    from budsim_widgets.panel.prompt.config_prompt import ConfigPrompt


class ActionFlow:
    """Carries an action through.

    Args:
        actions: What calculates.
        runner: What runs it off the event loop.
        prompt: The paste box.
        show: Called with the result.
        show_error: Called with an error that no paste solves.
        show_missing: Called with the error that the paste box is open for, and with None when the person gives up.
        withdraw: Called when the config behind the result on screen was taken back.
    """

    def __init__(  # noqa: PLR0913 - its partners
        self,
        actions: Actions,
        runner: Runner,
        prompt: ConfigPrompt,
        *,
        show: Callable[[ActionResult], None],
        show_error: Callable[[Exception], None],
        show_missing: Callable[[BudsimError | None], None],
        withdraw: Callable[[], None],
    ) -> None:
        self._actions = actions
        self._runner = runner
        self._prompt = prompt
        self._show = show
        self._show_error = show_error
        self._show_missing = show_missing
        self._withdraw = withdraw

    def start(self, action: PendingAction) -> None:
        """Begins an action of the person, in the place of the one under way."""
        self._prompt.clear_notice()
        if self._prompt.is_saving:
            # what was pasted is saved all the same; what waited for it is no longer wanted
            self._prompt.dismiss()
        self._run(action)

    def _run(self, action: PendingAction) -> None:
        steps = Steps()
        self._runner.run(
            lambda: run_action(self._actions, action, steps=steps),
            self._on_result,
            partial(self._on_error, action),
            status=_status_text(action),
            steps=steps,
        )

    def _on_result(self, result: ActionResult) -> None:
        missing = first_missing_config(result)
        if missing is not None:
            model, error = missing
            if not isinstance(error, GatedModelError) and any(row.report for row in rows_of(result)):
                self._show(result)  # a mistyped id doesn't hold up the others
            skip = partial(self._on_result, replace(result, action=result.action.without(model)))
            self._ask_for_config(model, error, result.action, skip)
            return
        waiting = self._prompt.pending
        if waiting is not None and waiting.type != "callback":
            self._prompt.dismiss()
        self._show(result)

    def _on_error(self, action: PendingAction, error: BudsimError) -> None:
        if action.type != "compare" and can_be_pasted(error):
            self._ask_for_config(action.params["model"], error, action)
        else:
            self._show_error(error)

    def _ask_for_config(
        self, model: str, error: BudsimError, action: PendingAction, skip: Callable[[], None] | None = None
    ) -> None:
        resume, cancel = partial(self._run, action), partial(self._show_missing, None)
        self._prompt.ask_for(
            MissingConfig(model, error, action, resume=resume, skip=skip, cancel=cancel, undone=self._withdraw)
        )
        self._show_missing(error)


def _status_text(action: PendingAction) -> str:
    if action.type == "compare":
        return tr("Asking the Hub about {count:,} models …", count=len(action.params["models"]))
    return tr("Asking the Hub about {model} …", model=shorten(action.params["model"]))
