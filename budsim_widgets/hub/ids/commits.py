"""Commits, as the Hub names them."""

from __future__ import annotations

import re
from typing import Any, Final

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def as_commit(value: Any) -> str | None:
    """A commit's hash, or None for whatever else stands in its place.

    Example:
        >>> as_commit("main"), as_commit("0" * 40) == "0" * 40
        (None, True)
    """
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else None
