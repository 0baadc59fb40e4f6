"""Regular files opened by their name: never a pipe, a device or a folder, and never a wait for one."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from io import BufferedReader

_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_ALWAYS: Final = _NO_WAIT | getattr(os, "O_BINARY", 0)

_MIN_READ_BYTES: Final = 1 << 16

_KINDS: Final = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularFileError(OSError):
    """What has this name is no regular file; `.kind` says what it is, such as `a named pipe`."""

    def __init__(self, kind: str, path: str | os.PathLike[str]) -> None:
        super().__init__(errno.EINVAL, f"It is {kind}, not a regular file", os.fspath(path))
        self.kind = kind


def open_regular(path: str | os.PathLike[str], flags: int, mode: int = 0o600, *, follows_links: bool = False) -> int:
    """A descriptor of the regular file of this name, as `os.open` gives it.

    Looked at before it is opened, since opening alone does something to a tape or a terminal, and once more after,
    since another file may have been put there meanwhile: then the flags keep from waiting and from following a link.

    Args:
        path: The file.
        flags: As of `os.open`.
        mode: Of a file that is made now.
        follows_links: Whether the name may be a link's; only to read.

    Raises:
        NotRegularFileError: It is no regular file.
        OSError: It can't be opened.
    """
    check_regular(path, follows_links=follows_links)
    descriptor = os.open(path, flags | _ALWAYS | (0 if follows_links else _NO_LINK), mode)
    try:
        _check(os.fstat(descriptor), path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def check_regular(path: str | os.PathLike[str], *, follows_links: bool = False) -> None:
    """Check that a regular file has this name, or nothing.

    Raises:
        NotRegularFileError: Something else has it.
        OSError: It can't be looked at.
    """
    try:
        _check(Path(path).stat(follow_symlinks=follows_links), path)
    except FileNotFoundError:
        return


def read_regular(path: str | os.PathLike[str], *, limit_bytes: int, follows_links: bool = True) -> bytes:
    """The content of a regular file, no further than the limit.

    Args:
        path: The file.
        limit_bytes: How much of it to read at most.
        follows_links: Whether the name may be a link's.

    Raises:
        NotRegularFileError: It is no regular file.
        OSError: It can't be read.
    """
    with os.fdopen(open_regular(path, os.O_RDONLY, follows_links=follows_links), "rb") as file:
        return read_up_to(file, limit_bytes)


def read_up_to(file: BufferedReader, limit_bytes: int) -> bytes:
    """What an open file holds, no further than the limit.

    In pieces of the file's size: one call would set aside as much memory as the limit, however short the file is.
    """
    piece_bytes = max(os.fstat(file.fileno()).st_size + 1, _MIN_READ_BYTES)
    parts: list[bytes] = []
    while limit_bytes > 0 and (part := file.read(min(limit_bytes, piece_bytes))):
        parts.append(part)
        limit_bytes -= len(part)
    return b"".join(parts)


def _check(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "no file")
        raise NotRegularFileError(kind, path)
