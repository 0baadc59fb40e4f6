"""What a tool needs beyond this project's own environment."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def need(*modules: str, hint: str = "") -> None:
    """Ends the tool with a sentence where this Python lacks a module that the tool imports.

    Args:
        modules: The modules, as they are imported and installed.
        hint: How to get what pip alone doesn't give.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        how = hint or f"pip install {' '.join(modules)}, best into an environment of their own"
        sys.exit(f"{sys.argv[0]} needs {' and '.join(missing)}, which {sys.executable} lacks: {how}.")
