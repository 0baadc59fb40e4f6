"""The style sheet of results."""

from __future__ import annotations

from functools import cache
from pathlib import Path


def style_text() -> str:
    """What results look like, and what stands in for JupyterLab's themes where they are missing."""
    return rules_text() + theme_text()


@cache
def rules_text() -> str:
    """What results look like."""
    return _read("results.css")


@cache
def theme_text() -> str:
    """What stands in for JupyterLab's themes where they are missing."""
    return _read("without_jupyterlab.css")


def _read(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")
