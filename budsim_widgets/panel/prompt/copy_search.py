"""The search for public copies of a gated model, whose config is open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.prompt.view import status_html
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.flow.runner import Runner
    from budsim_widgets.panel.prompt.box_message import BoxMessage
    from budsim_widgets.panel.prompt.copy_buttons import CopyButtons
    from budsim_widgets.panel.prompt.waiting import Waiting


class CopySearch:
    """Looks for the copies off the event loop, and offers each with a button.

    Args:
        actions: What asks the Hub.
        runner: What runs that.
        waiting: Which config is asked for.
        message: Where it says what was found.
        buttons: Where the copies are offered.
        show_error: Called with what goes wrong.
    """

    def __init__(  # noqa: PLR0913 - its partners
        self,
        actions: Actions,
        runner: Runner,
        waiting: Waiting,
        message: BoxMessage,
        *,
        buttons: CopyButtons,
        show_error: Callable[[Exception], None],
    ) -> None:
        self._actions, self._runner = actions, runner
        self._waiting, self._message = waiting, message
        self._buttons, self._show_error = buttons, show_error

    def start(self) -> None:
        """Asks the Hub for copies of the model whose config is asked for."""
        model_id = self._waiting.model_id
        if model_id is None:
            return
        self._message.clear()
        self._runner.run(
            lambda: self._actions.public_copies(model_id),
            self._show,
            self._show_error,
            status=tr("Looking for public copies …"),
        )

    def _show(self, model_ids: tuple[str, ...]) -> None:
        self._buttons.show(model_ids)
        if model_ids:
            said = tr("These are open to everybody and have as many parameters; their config may differ in details.")
        else:
            said = tr("The Hub lists no public copy with as many parameters.")
        self._message.show(said, html=status_html(said))
