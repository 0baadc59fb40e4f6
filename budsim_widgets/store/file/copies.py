"""Copies kept beside the store under names of their own: of a damaged file, of one in an older layout."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from budsim_widgets.store.file import atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def free_name(path: Path) -> Path:
    """This path, or with `-2`, `-3`, … behind it the first one where no file lies."""
    return next(name for name in _names(path) if not os.path.lexists(name))


def keep(path: Path, content: bytes) -> Path:
    """Keep `content` in a file of this name, or of the first such one that is free.

    Returns:
        Where it is: a copy that was made before, in vain since the store couldn't be written then, is not made again.
    """
    chosen = next(name for name in _names(path) if not os.path.lexists(name) or _holds(name, content))
    if not os.path.lexists(chosen):
        atomic.replace(chosen, content)
    return chosen


def _names(path: Path) -> Iterator[Path]:
    yield path
    for number in itertools.count(2):
        yield path.with_name(f"{path.name}-{number}")


def _holds(path: Path, content: bytes) -> bool:
    try:
        found = atomic.read(path, limit_bytes=len(content) + 1)
    except OSError:
        return False
    return found is not None and found[0] == content
