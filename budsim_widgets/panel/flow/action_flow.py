"""From a click to an answer, by way of the configs that are missing.

Whatever the person started goes on by itself when a config was pasted, with the parameters that it was started with.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from budsim_widgets.panel.flow.missing_config import Wanted
from budsim_widgets.panel.flow.run_action import Answer, answer, missing_config
from budsim_widgets.panel.html.markup import shorten
from budsim_widgets.panel.html.prose import can_be_pasted

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.errors import BudsimError
    from budsim_widgets.panel.flow.pending import PendingAction
    from budsim_widgets.panel.flow.runner import Runner
    from budsim_widgets.panel.prompt.config_prompt import ConfigPrompt


class Conversation:
    """Carries an action through.

    Args:
        actions: What calculates.
        runner: What asks off the event loop.
        prompt: The paste box.
        show: Gets what came out.
        show_error: Gets an error that no paste solves.
        show_missing: Gets the error that the paste box is open for, and None when the person gave up.
    """

    def __init__(  # noqa: PLR0913 - its partners
        self,
        actions: Actions,
        runner: Runner,
        prompt: ConfigPrompt,
        *,
        show: Callable[[Answer], None],
        show_error: Callable[[Exception], None],
        show_missing: Callable[[BudsimError | None], None],
    ) -> None:
        self._actions = actions
        self._runner = runner
        self._prompt = prompt
        self._show = show
        self._show_error = show_error
        self._show_missing = show_missing

    def start(self, action: PendingAction) -> None:
        """Begins an action of the person, in the place of the one under way."""
        self._prompt.forget_notice()
        if self._prompt.is_saving:
            # what was pasted is saved all the same; what waited for it is no longer wanted
            self._prompt.dismiss()
        self._ask(action)

    def _ask(self, action: PendingAction) -> None:
        self._runner.ask(
            lambda: answer(self._actions, action), self._answered, partial(self._refused, action), doing=_doing(action)
        )

    def _answered(self, given: Answer) -> None:
        missing = missing_config(given)
        if missing is not None:
            model, error = missing
            skip = partial(self._answered, replace(given, action=given.action.without(model)))
            self._want(model, error, given.action, skip)
            return
        waiting = self._prompt.pending
        if waiting is not None and waiting.type != "callback":
            self._prompt.dismiss()
        self._show(given)

    def _refused(self, action: PendingAction, error: BudsimError) -> None:
        if action.type != "compare" and can_be_pasted(error):
            self._want(action.params["model"], error, action)
        else:
            self._show_error(error)

    def _want(
        self, model: str, error: BudsimError, action: PendingAction, skip: Callable[[], None] | None = None
    ) -> None:
        give_up = partial(self._show_missing, None)
        self._prompt.ask(Wanted(model, error, action, resume=partial(self._ask, action), skip=skip, cancel=give_up))
        self._show_missing(error)


def _doing(action: PendingAction) -> str:
    if action.type == "compare":
        return f"Asking the Hub about {len(action.params['models'])} models …"
    return f"Asking the Hub about {shorten(action.params['model'])} …"
