"""A lock for the threads of one process that doesn't outlive the process."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from types import TracebackType


class ProcessLock:
    """A `threading.Lock` that is free in a forked child.

    A fork copies a lock that another thread holds, but not that thread: nobody would ever release the copy.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _all.add(self)

    def acquire(self, *, timeout_seconds: float) -> bool:
        """Wait for the lock; whether it was free in time."""
        return self._lock.acquire(timeout=timeout_seconds)

    def release(self) -> None:
        """Let the next thread have it."""
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.Lock()


_all: WeakSet[ProcessLock] = WeakSet()


def _renew_all() -> None:
    for lock in list(_all):
        lock._renew()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):  # not on Windows, which can't fork
    os.register_at_fork(after_in_child=_renew_all)
