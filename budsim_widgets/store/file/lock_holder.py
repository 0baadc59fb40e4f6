"""The file beside a store that names the process which holds its lock: only messages need it."""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from budsim_widgets.printable import printable
from budsim_widgets.regular_files import check_regular, open_regular, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_BYTES: Final = 4096
_OWNER_ONLY: Final = 0o600
_UNKNOWN: Final = "another process"


@contextmanager
def holder_named(path: Path) -> Iterator[None]:
    """Name this process in that file for the block, under the lock.

    A disk without room for it, or something else of that name, must not keep anyone from reading or fixing a store.
    """
    is_named = False
    with suppress(OSError):
        is_named = _name_this_process(path)
    try:
        yield
    finally:
        if is_named:
            with suppress(OSError):
                path.unlink()


def holder(path: Path) -> str:
    """Who holds the lock, for a sentence.

    Example:
        >>> from pathlib import Path
        >>> holder(Path("no-such-file"))
        'another process'
    """
    try:
        named = json.loads(read_regular(path, limit_bytes=_MAX_BYTES, follows_links=False))
        return printable(f"process {int(named['pid'])} on {named['host']}")
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return _UNKNOWN


def _name_this_process(path: Path) -> bool:
    # Always a new file: one that is there may be a killed holder's, or the other name of a file that isn't ours.
    check_regular(path)
    path.unlink(missing_ok=True)
    descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
    return True
