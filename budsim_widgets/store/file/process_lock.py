"""A lock for the threads of one process that outlives neither an interruption nor the process."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLL_INTERVAL_SECONDS: Final = 0.002
_OWNER: Final = "owner"


class _Hold:
    """One time that a thread holds the lock."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()


class ProcessLock:
    """A lock between threads that knows its owner.

    A `threading.Lock` stays locked for ever where Jupyter's *Interrupt* comes just between acquiring it and entering
    the block that releases it. Here the thread that finds itself as the owner goes on. A fork copies a lock that
    another thread holds, but not that thread: in the child it is free.

    NOTE: so it is no protection against the same thread.
    """

    def __init__(self) -> None:
        self._owners: dict[str, _Hold] = {}
        _all.add(self)

    @contextmanager
    def held(self, timeout_seconds: float = threading.TIMEOUT_MAX) -> Iterator[bool]:
        """Hold the lock for the block, if it is free in time; whether it was."""
        hold = _Hold()
        try:
            yield self._is_acquired(hold, time.monotonic() + timeout_seconds)
        finally:
            # Not another one's: an interrupted block may be left only now, when its traceback is thrown away.
            if self._owners.get(_OWNER) is hold:
                del self._owners[_OWNER]

    def _is_acquired(self, hold: _Hold, deadline: float) -> bool:
        # One step that no interruption can divide: who is the owner has the lock.
        while (owner := self._owners.setdefault(_OWNER, hold)) is not hold:
            if owner.thread == hold.thread:
                self._owners[_OWNER] = hold
            elif time.monotonic() < deadline:
                time.sleep(_POLL_INTERVAL_SECONDS)
            else:
                return False
        return True

    def free(self) -> None:
        """Take the lock from whoever has it."""
        self._owners.clear()


_all: WeakSet[ProcessLock] = WeakSet()


def _free_all() -> None:
    for lock in list(_all):
        lock.free()


if hasattr(os, "register_at_fork"):  # not on Windows, which can't fork
    os.register_at_fork(after_in_child=_free_all)
