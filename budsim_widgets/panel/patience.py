"""A click waits a moment for the text that was typed before it.

Since ipykernel 7.4 the message of a widget runs on the thread of the subshell that this widget spoke to last. So the
text of a field and the click on a button, sent one after the other, may run on two threads, and the click may overtake
the text. Enter in a field is told before its text anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import Button

from budsim_widgets.panel.runner import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable

_DELAY_SECONDS: Final = 0.08


def after_what_was_typed(callback: Callable[[], object]) -> None:
    """Calls a function when the text that a person has typed so far is there; at once where no event loop runs."""
    loop = running_loop()
    if loop is None:
        callback()
    else:
        loop.call_later(_DELAY_SECONDS, callback)


class PatientButton(Button):  # type: ignore[misc] # ipywidgets ships no types
    """A button whose clicks by a person come after the text that they typed; `click()` acts at once."""

    def _handle_custom_msg(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        handle = super()._handle_custom_msg
        after_what_was_typed(lambda: handle(content, buffers))
