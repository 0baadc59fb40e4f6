"""What follows once a config is saved: what waited goes on, here and in other boxes; one may be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from budsim_widgets.panel.prompt import open_prompts
from budsim_widgets.panel.prompt.view import status_html
from budsim_widgets.translation import translated

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.flow.pending import MissingConfig
    from budsim_widgets.panel.prompt.box_message import BoxMessage
    from budsim_widgets.panel.prompt.config_saver import ConfigSaver, SavedForModel
    from budsim_widgets.panel.prompt.undo import UndoButton
    from budsim_widgets.panel.prompt.waiting import Waiting
    from budsim_widgets.schemas import ConfigSubmitResponse
    from budsim_widgets.store import ConfigStore


class AskingPrompt(Protocol):
    """The box, as far as what follows concerns it."""

    undo_button: UndoButton

    def ask_for(self, missing: MissingConfig) -> None:
        """Opens it."""

    def dismiss(self) -> None:
        """Closes it."""


class AfterSaving:
    """Lets go on what waited for a config.

    Args:
        prompt: The box.
        actions: What keeps the config.
        waiting: Which config it asks for.
        message: What it says.
    """

    def __init__(self, prompt: AskingPrompt, actions: Actions, waiting: Waiting, message: BoxMessage) -> None:
        self._prompt, self._actions, self._waiting, self._message = prompt, actions, waiting, message

    @property
    def store(self) -> ConfigStore:
        """Where the config would be kept."""
        return self._actions.resolver.store

    def listen(self) -> None:
        """The box is open: what is pasted into another one serves this one too."""
        open_prompts.opened(self)

    def stop_listening(self) -> None:
        """The box is closed."""
        open_prompts.closed(self)

    def waits_for(self, model_id: str, store: ConfigStore) -> bool:
        """Whether the box is open for the config of a model that is kept in this store."""
        return self._waiting.model_id == model_id and self.store is store

    def accept(self, saved: SavedForModel) -> None:
        """A config was saved in this box."""
        missing, response = saved.missing, saved.response
        self._prompt.dismiss()
        self._message.show_accepted(response)
        self._prompt.undo_button.offer(missing, response)
        missing.resume()
        for other in open_prompts.others_for(self, response.model_id or missing.model):
            other.go_on(response)

    def go_on(self, response: ConfigSubmitResponse) -> None:
        """The config was pasted elsewhere: closes the box, and what waited for it goes on."""
        missing = self._waiting.missing
        self._prompt.dismiss()
        said = translated(response.message)
        self._message.show(said, notice=status_html(said))
        if missing is not None:
            missing.resume()

    def undo(self, saver: ConfigSaver) -> None:
        """Takes back what was saved last, and asks for it again."""
        missing = self._prompt.undo_button.missing
        if missing is not None:
            saver.forget(missing, lambda: self._ask_again(missing))

    def _ask_again(self, missing: MissingConfig) -> None:
        missing.undone()
        self._prompt.ask_for(missing)
