"""Names that no regular file has: pipes, devices, links, sockets, folders."""

from __future__ import annotations

import os
import signal
import socket
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

PRECIOUS: Final = b"somebody's own"
_NULL, _ZERO = 3, 5
_MEMORY_DEVICES: Final = 1


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    # By a short name: the whole one may be too long for a socket.
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.fchdir(before)
        os.close(before)


def _device(path: Path, minor: int) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(_MEMORY_DEVICES, minor))
        path.open("rb").close()
    except OSError:
        pytest.skip("this account may not make devices here")


def _link(path: Path) -> None:
    target = path.with_name("precious")
    target.write_bytes(PRECIOUS)
    path.symlink_to(target)


ODD: Final[dict[str, Callable[[Path], object]]] = {
    "a named pipe": _pipe,
    "a socket": _socket,
    "a device": lambda path: _device(path, _NULL),
    "a device without an end": lambda path: _device(path, _ZERO),
    "a folder": lambda path: path.mkdir(),
    "a link": _link,
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to(path.with_name("nothing")),
}
"""What makes each of them, by what it is."""

POSIX: Final = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@contextmanager
def no_wait(seconds: int = 30) -> Iterator[None]:
    """Fail a block that waits for a pipe's other end, which never comes."""

    def fail(_: int, __: FrameType | None) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def state_of(path: Path) -> tuple[int, int, bytes]:
    """What has this name and what its link leads to: kind, inode and content."""
    status = path.lstat()
    target = path.with_name("precious")
    return stat.S_IFMT(status.st_mode), status.st_ino, target.read_bytes() if target.exists() else b""
