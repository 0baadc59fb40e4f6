"""One writer at a time, across the threads of a kernel and across kernels."""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from budsim_widgets.browser import expect_soft_locks
from budsim_widgets.errors import StoreError
from budsim_widgets.regular_files import check_regular, open_regular
from budsim_widgets.store.file.lock_holder import holder, holder_named
from budsim_widgets.store.file.process_lock import ProcessLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from filelock import BaseFileLock

_POLL_INTERVAL_SECONDS: Final = 0.005
"""How often a waiting writer looks: at filelock's own 50 ms the slowest of 8 writers waits about a second."""

_inherited: Final[list[BaseFileLock]] = []
"""The parent's, which a fork copied. Kept for ever: thrown away here, they would unlock the file there."""


class StoreLock:
    """The lock of one store file, free again as soon as its holder lets go or dies.

    Two files lie beside the store: `….lock`, which the system locks, and `….lock-holder`, which names the process that
    holds it. The second only serves messages; the first stays empty, since on Windows a locked file can't be read.

    Args:
        path: The store file.
        timeout_seconds: How long to wait for another holder.

    Attributes:
        paths: The two files.
    """

    def __init__(self, path: Path, *, timeout_seconds: float) -> None:
        self._store_path = path
        self.paths = self._lock_path, self._holder_path = (
            path.with_name(f"{path.name}.lock"),
            path.with_name(f"{path.name}.lock-holder"),
        )
        self._timeout_seconds = min(timeout_seconds, threading.TIMEOUT_MAX)
        self._threads = ProcessLock()
        # Weak: one that nobody else knows any more unlocks the file by itself.
        self._last_file_lock: tuple[int, Callable[[], BaseFileLock | None]] = (0, lambda: None)
        if not timeout_seconds >= 0:
            raise ValueError(f"lock_timeout_seconds is a number from 0 on, not {timeout_seconds}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the block. Not reentrant.

        Raises:
            StoreError: Another thread or process holds it for longer than the timeout.
            NotRegularFileError: What has the lock file's name is no regular file.
        OSError: The lock file can't be made.
        """
        deadline = time.monotonic() + self._timeout_seconds
        with self._threads.held(self._timeout_seconds) as is_ours:
            if not is_ours:
                raise self._busy()
            with self._file_lock_held(deadline), holder_named(self._holder_path):
                yield

    @contextmanager
    def _file_lock_held(self, deadline: float) -> Iterator[None]:
        expect_soft_locks()
        from filelock import Timeout  # noqa: PLC0415 - a kernel that only reads needn't wait for its import

        # The folder may be gone since the last time, and only a writer may make it.
        self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_regular(self._lock_path)  # older filelocks empty what they open, through a link too
        self._make_lock_file()
        lock = self._new_file_lock()
        try:
            lock.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=_POLL_INTERVAL_SECONDS)
            yield
        except Timeout:
            raise self._busy() from None
        finally:
            lock.release(force=True)

    def _make_lock_file(self) -> None:
        """Fails at once where no file can be made, as below /proc: filelock tries that again until time is up."""
        # Without locks of the system, the file itself is the lock: whoever made it before would wait for themselves.
        if sys.modules.get("fcntl") is not None and not self._lock_path.exists():
            os.close(open_regular(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600))

    def _new_file_lock(self) -> BaseFileLock:
        from filelock import FileLock  # noqa: PLC0415 - as above

        pid, reference = self._last_file_lock
        left_behind = reference()
        if left_behind is not None and pid == os.getpid():
            left_behind.release(force=True)  # by a change that was interrupted
        elif left_behind is not None:
            _inherited.append(left_behind)
        # Not of one thread: another one may have to release what an interrupted one left behind.
        lock = FileLock(self._lock_path, mode=0o600, thread_local=False)
        self._last_file_lock = (os.getpid(), weakref.ref(lock))
        return lock

    def _busy(self) -> StoreError:
        return StoreError(
            f"{self._store_path} has been busy for {self._timeout_seconds:g} s: {holder(self._holder_path)} is writing "
            "it. Nothing was saved now.",
            path=str(self._store_path),
            next_step="Try again in a moment; if it stays so, end that process.",
        )
