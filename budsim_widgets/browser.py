"""A browser's own Python: Pyodide, as in JupyterLite. It has no threads, no sockets, and no locks of files."""

from __future__ import annotations

import sys
import warnings
from typing import Final

IN_BROWSER: Final = sys.platform == "emscripten"
"""Whether this is one."""


def expect_soft_locks() -> None:
    """Keep filelock, which is about to be imported, from warning in a browser that its locks are files.

    There each kernel has its own file system: no other process could hold a lock.
    """
    if IN_BROWSER:
        warnings.filterwarnings("ignore", message="only soft file lock", category=UserWarning)
