"""What a person answers where they have no config: try again, go without the model, give up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel.prompt.box_message import BoxMessage
    from budsim_widgets.panel.prompt.waiting import Waiting


class OtherAnswers:
    """Carries out an answer that is no config.

    Args:
        waiting: Which config is asked for.
        message: What the box says.
        dismiss: Closes the box, and forgets what waited.
    """

    def __init__(self, waiting: Waiting, message: BoxMessage, dismiss: Callable[[], None]) -> None:
        self._waiting, self._message, self._dismiss = waiting, message, dismiss

    def retry(self) -> None:
        """Asks the Hub once more; the box stays as it is where the answer is the same."""
        missing = self._waiting.missing
        if missing is None:
            return
        if missing.action.type == "callback":
            self._dismiss()
        self._waiting.is_asked_again = True
        missing.resume()

    def skip(self) -> None:
        """Goes on without the model, where that makes sense."""
        missing = self._waiting.missing
        if missing is not None and missing.skip is not None:
            self._dismiss()
            missing.skip()

    def cancel(self) -> None:
        """Forgets what was started."""
        missing = self._waiting.missing
        self._dismiss()
        self._message.show("", notice="")
        if missing is not None:
            missing.cancel()
