"""The config that is asked for, saved: from the text in the box, from the base model, or from a public copy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.panel.prompt.question import base_model_of
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.flow.pending import MissingConfig
    from budsim_widgets.panel.flow.runner import Runner
    from budsim_widgets.panel.prompt.box_message import BoxMessage
    from budsim_widgets.panel.prompt.waiting import Waiting
    from budsim_widgets.schemas import ConfigSubmitResponse


class SavedForModel(NamedTuple):
    """A config that was saved.

    Attributes:
        missing: What it was asked for.
        response: What the saving answered.
    """

    missing: MissingConfig
    response: ConfigSubmitResponse


class ConfigSaver:
    """Checks and saves a config off the event loop.

    Args:
        actions: What checks and keeps it.
        runner: What runs that.
        waiting: Which config is asked for.
        message: Where a refusal is said.
        accepted: Called with what was saved.
        show_error: Called with an error that is no refusal.
    """

    def __init__(  # noqa: PLR0913 - its partners
        self,
        actions: Actions,
        runner: Runner,
        waiting: Waiting,
        message: BoxMessage,
        *,
        accepted: Callable[[SavedForModel], None],
        show_error: Callable[[Exception], None],
    ) -> None:
        self._actions, self._runner = actions, runner
        self._waiting, self._message = waiting, message
        self._accepted, self._show_error = accepted, show_error

    def submit(self, text: str) -> None:
        """Saves what a person pasted."""
        self._save(lambda missing: self._actions.submit_config(missing.model, text))

    def use_base(self) -> None:
        """Saves the config of the model that the missing one was made from."""
        self._save(lambda missing: self._actions.use_base_config(missing.model, base_model_of(missing)))

    def use_copy(self, copy: str) -> None:
        """Saves the config of a public copy."""
        self._save(lambda missing: self._actions.use_base_config(missing.model, copy))

    def forget(self, missing: MissingConfig, forgotten: Callable[[], None]) -> None:
        """Takes back what was saved last, then calls `forgotten`."""
        model_id = missing.error.model_id or missing.model
        self._runner.run(
            lambda: self._actions.saved.undo(model_id),
            lambda _: forgotten(),
            self._show_error,
            status=tr("Forgetting the config …"),
        )

    def _save(self, save: Callable[[MissingConfig], ConfigSubmitResponse]) -> None:
        missing = self._waiting.missing
        if missing is None:
            return
        self._message.clear()
        self._runner.run(
            partial(save, missing),
            partial(self._on_response, missing),
            self._show_error,
            status=tr("Checking the config and saving it …"),
        )

    def _on_response(self, missing: MissingConfig, response: ConfigSubmitResponse) -> None:
        if response.success:
            self._accepted(SavedForModel(missing, response))
        else:
            self._message.show_refusal(response)
