"""The style sheet of results."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_FILES: Final = ("results.css", "without_jupyterlab.css")


@cache
def style_text() -> str:
    """What results look like, and what stands in for JupyterLab's themes where they are missing."""
    return "".join((Path(__file__).parent / name).read_text("utf-8") for name in _FILES)
