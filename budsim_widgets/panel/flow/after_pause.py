"""What is wanted once, after the last of many changes, as they come while a slider is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.flow.runner import running_loop

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable


class AfterPause:
    """Calls the last of the functions that it is given, once there were no further ones for a while.

    Args:
        seconds: How long.

    Example:
        >>> AfterPause(0.5).call(lambda: print("at once, where no event loop runs"))
        at once, where no event loop runs
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: TimerHandle | None = None
        self._callback: Callable[[], None] | None = None

    def call(self, callback: Callable[[], None], *, at_once: bool = False) -> None:
        """Calls a function in the place of those that wait.

        Args:
            callback: The function.
            at_once: Whether not to wait.
        """
        self.cancel()
        loop = running_loop()
        if at_once or loop is None:
            callback()
        else:
            self._callback = callback
            self._waiting = loop.call_later(self._seconds, self.finish)

    def finish(self) -> None:
        """Calls what waits now, if anything does."""
        callback = self._callback
        self.cancel()
        if callback is not None:
            callback()

    def cancel(self) -> None:
        """Forgets what waits."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self._callback = None
