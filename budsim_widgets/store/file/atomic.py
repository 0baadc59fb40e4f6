"""Files read, and replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.regular_files import check_regular, open_regular, read_up_to
from budsim_widgets.store.file import temporaries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OWNER_ONLY: Final = 0o600
_REPLACE_ATTEMPTS: Final = 50
_REPLACE_PAUSE_SECONDS: Final = 0.02
_CANT_SYNC_FOLDERS: Final = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}


class Signature(NamedTuple):
    """What tells one state of a file from the next without reading it.

    A program may set the time of a file's content (`mtime_ns`), but not that of its last change (`ctime_ns`).
    """

    mtime_ns: int
    size_bytes: int
    inode: int
    ctime_ns: int


class UnconfirmedError(OSError):
    """The file holds the new content, but the system didn't confirm that it is on the disk."""


def signature(path: Path) -> Signature | None:
    """The signature of the file there, or None where there is none."""
    try:
        return _signature(os.lstat(path))  # Path.lstat costs as much again, and every reading of the store needs it
    except FileNotFoundError:
        return None


def _signature(status: os.stat_result) -> Signature:
    return Signature(status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


def read(path: Path, *, limit_bytes: int) -> tuple[bytes, Signature] | None:
    """The content of a file and its signature from before it was read, or None where there is no file.

    Args:
        path: The file.
        limit_bytes: How much of it to read at most.

    Raises:
        NotRegularFileError: It is a folder, a device, a link, or a pipe, which could block for ever.
        OSError: It can't be read.
    """
    try:
        descriptor = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        before = _signature(os.fstat(file.fileno()))
        return read_up_to(file, limit_bytes), before


def replace(
    path: Path, content: bytes, *, previous: Signature | None = None, check: Callable[[], None] = lambda: None
) -> Signature:
    """Put `content` in the place of the file: written beside it, synced to the disk, then moved there in one step.

    Args:
        path: The file.
        content: What it shall hold.
        previous: The signature of what it held; the new one is later, whatever the clock says.
        check: Called as the last thing before the file is moved; what it raises leaves the old file as it was.

    Returns:
        The signature of the new file.

    Raises:
        NotRegularFileError: What is there is no regular file; it is left as it is.
        UnconfirmedError: The new content is there, whole.
        OSError: The old content is still there, whole.
    """
    check_regular(path)
    temporary = temporaries.name_for(path)
    try:
        new = _write_new(temporary, content, later_than=previous)
        check()
        check_regular(path)
        _move(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    try:
        _sync_folder(path.parent)
    except OSError as error:
        raise UnconfirmedError(error.errno, error.strerror, str(path)) from error
    # The moving changed its `ctime_ns`. What another program put there meanwhile has another inode.
    moved = signature(path)
    return moved if moved is not None and moved[:3] == new[:3] else new


def _write_new(path: Path, content: bytes, *, later_than: Signature | None) -> Signature:
    with open(path, "xb", opener=_owner_only) as file:  # Path.open takes no opener
        file.write(content)
        file.flush()
        # Clocks of file systems tick every few ms and inodes are used again: without this, the file before last and
        # the new one could look the same.
        if later_than is not None and os.fstat(file.fileno()).st_mtime_ns <= later_than.mtime_ns:
            os.utime(path, ns=(later_than.mtime_ns + 1, later_than.mtime_ns + 1))
        os.fsync(file.fileno())
        return _signature(os.fstat(file.fileno()))


def _owner_only(name: str, flags: int) -> int:
    return os.open(name, flags, _OWNER_ONLY)


def _move(source: Path, target: Path) -> None:
    # On Windows a reader keeps the file from being replaced for as long as it has it open; elsewhere no wait helps.
    attempts = _REPLACE_ATTEMPTS if _is_windows() else 1
    for attempts_left in reversed(range(attempts)):
        try:
            source.replace(target)
        except PermissionError:  # noqa: PERF203 - a retry is a try within a loop
            if not attempts_left:
                raise
            time.sleep(_REPLACE_PAUSE_SECONDS)
        else:
            return


def _sync_folder(folder: Path) -> None:
    # Without this a power cut could bring the old file back. Windows opens no folders.
    if _is_windows():
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANT_SYNC_FOLDERS:
            raise


def _is_windows() -> bool:
    return os.name == "nt"
