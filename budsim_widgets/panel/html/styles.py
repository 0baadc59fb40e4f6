"""The panel's style sheet."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ipywidgets import HTML, Layout

from budsim_widgets.panel.html.markup import Html, tag

_FILES = ("panel.css", "without_jupyterlab.css")


def style_sheet() -> HTML:
    """A widget that shows nothing and brings the style sheet along."""
    return HTML(_style_element(), layout=Layout(display="none"))


@cache
def style_text() -> str:
    """The style sheet itself: the panel's, and what stands in for JupyterLab's themes where they are missing."""
    return "".join((Path(__file__).parent / name).read_text("utf-8") for name in _FILES)


@cache
def _style_element() -> Html:
    return tag("style", Html(style_text()))
