"""A click comes after the text that was typed before it.

Since JupyterLab 4.4 and ipykernel 7 the messages of widgets run in subshells (jupyterlab/jupyterlab#17363,
ipython/ipykernel#1249), since ipykernel 7.4 on the thread of the one that this widget spoke to last. So the text of a
field and the click on a button, sent one after the other, may run on two threads, and the click may overtake the text.
The text is waiting in its thread by then: once every event loop had a few turns, it was handled. Seen in November 2026;
where both come on one thread again, this module can go.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from ipywidgets import Button

from budsim_widgets.panel.flow.runner import running_loop
from budsim_widgets.translation import current_speaker, in_language

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

# What a message may need: its socket is read, a task starts, a lock is taken, the widget changes. The pauses let
# another thread work, and give the browser's text that follows an Enter the time to arrive.
_TURNS: Final = 8
_PAUSE_SECONDS: Final = 0.01

# A cell that runs for hours keeps its thread for so long. Who clicks meanwhile wants an answer.
_LIMIT_SECONDS: Final = 2.0

_LOOPS: Final[WeakSet[AbstractEventLoop]] = WeakSet()
_WAITING: Final[set[asyncio.Task[None]]] = set()


def after_typed_text(callback: Callable[[], object]) -> None:
    """Calls a function when the text that a person has typed so far is there; at once where no event loop runs."""
    loop = running_loop()
    if loop is None:
        callback()
        return
    task = loop.create_task(_call_after_turns(callback))
    _WAITING.add(task)
    task.add_done_callback(_WAITING.discard)


class OrderedButton(Button):  # type: ignore[misc] # ipywidgets ships no types
    """A button whose clicks by a person come after the text that they typed; `click()` acts at once.

    Whatever a click leads to speaks the language in which the button was made.
    """

    def __init__(self, **details: Any) -> None:
        super().__init__(**details)
        self._speaker = current_speaker()
        if (loop := running_loop()) is not None:
            _LOOPS.add(loop)

    def click(self) -> None:
        """Clicks the button."""
        with in_language(self._speaker):
            super().click()

    def _handle_custom_msg(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        handle = super()._handle_custom_msg
        after_typed_text(lambda: self._handle_in_language(handle, content, buffers))

    def _handle_in_language(self, handle: Callable[..., None], *message: Any) -> None:
        with in_language(self._speaker):
            handle(*message)


async def _call_after_turns(callback: Callable[[], object]) -> None:
    here = asyncio.get_running_loop()
    others = {loop for loop in _loops() if loop.is_running()} - {here}
    turns = [asyncio.wrap_future(_turns_taken(loop)) for loop in (here, *others)]
    await asyncio.wait(turns, timeout=_LIMIT_SECONDS)
    callback()


def _turns_taken(loop: AbstractEventLoop) -> Future[None]:
    """Is over when the loop had its turns. Plain callbacks, no task: a loop that ends meanwhile drops them silently."""
    is_over: Future[None] = Future()

    def take_turn(left: int) -> None:
        if left:
            loop.call_later(_PAUSE_SECONDS, take_turn, left - 1)
        else:
            is_over.set_result(None)

    try:
        loop.call_soon_threadsafe(take_turn, _TURNS)
    except RuntimeError:  # it was closed a moment ago, and nothing waits in it
        is_over.set_result(None)
    return is_over


def _loops() -> set[AbstractEventLoop]:
    """The event loops in which a panel was made, and those of the kernel's own threads."""
    of_threads = (getattr(thread, "io_loop", None) for thread in threading.enumerate())
    return {*_LOOPS, *(loop.asyncio_loop for loop in of_threads if loop is not None)}
