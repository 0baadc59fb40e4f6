"""The files that writers fill before they move them into place, and what killed writers left of them."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_ABANDONED_AFTER_SECONDS: Final = 60.0


def name_for(path: Path) -> Path:
    """A name beside the file that no other writer uses."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


def is_temporary(name: str, path: Path) -> bool:
    """Whether a writer of this file, or of a copy of it, makes such names."""
    # Copies of the file, whose names go on after its own, are written in the same way.
    pattern = rf"\.{re.escape(path.name)}(\..+)?\.\d+-[0-9a-f]{{8}}\.tmp"
    return re.fullmatch(pattern, name) is not None


def sweep(path: Path) -> None:
    """Remove what writers of this file that were killed left behind.

    Young ones stay: where a network drive's locks do nothing, they may belong to a writer at work.
    """
    oldest_kept = time.time() - _ABANDONED_AFTER_SECONDS
    # Tidying up must not keep anyone from saving, say in a folder that may be written but not listed.
    with suppress(OSError):
        for leftover in path.parent.iterdir():
            if is_temporary(leftover.name, path) and _is_abandoned(leftover.lstat(), oldest_kept):
                leftover.unlink()


def _is_abandoned(status: os.stat_result, oldest_kept: float) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_mtime < oldest_kept
