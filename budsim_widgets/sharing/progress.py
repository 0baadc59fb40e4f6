"""How far sharing or syncing is, for whoever waits for it, and the way to stop it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from budsim_widgets.errors import TeamStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable


class Progress:
    """How many of the files that are read were read so far.

    Args:
        show: Called with the number of files read and of all; from any thread.
    """

    def __init__(self, show: Callable[[int, int], None] | None = None) -> None:
        self._show = show
        self._is_stopped = threading.Event()
        self._counting = threading.Lock()
        self._done = self._total = 0

    @property
    def counted(self) -> tuple[int, int]:
        """How many were read, and of how many."""
        with self._counting:
            return self._done, self._total

    def begin(self, total: int) -> None:
        """So many files are read next."""
        with self._counting:
            self._done, self._total = 0, total

    def count(self) -> None:
        """Another one was read.

        Raises:
            TeamStoppedError: The person has stopped it.
        """
        self.check()
        with self._counting:
            self._done += 1
            done, total = self._done, self._total
        if self._show is not None:
            self._show(done, total)

    def stop(self) -> None:
        """Ends it at the next file, and before anything is changed."""
        self._is_stopped.set()

    def check(self) -> None:
        """Ends it here where the person has stopped it.

        Raises:
            TeamStoppedError: The person has stopped it.
        """
        if self._is_stopped.is_set():
            raise TeamStoppedError(
                "Stopped before anything was changed by it.", next_step="Share or sync again when you like."
            )
