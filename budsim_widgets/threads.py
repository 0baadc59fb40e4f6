"""Threads where there are any: a browser's Python (Pyodide) has none, and a full machine starts no more."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def started(work: Callable[[], object], name: str) -> Thread | None:
    """A daemon thread that does some work; None where none can be started: then the caller does it, or lets it be.

    Example:
        >>> thread = started(lambda: None, "budsim-example")
        >>> thread.join()
    """
    thread = Thread(target=work, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread
