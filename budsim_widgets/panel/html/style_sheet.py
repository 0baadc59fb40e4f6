"""The panel's style sheet."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ipywidgets import HTML, Layout

from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.rendering.styles import style_text


def style_sheet() -> HTML:
    """A widget that shows nothing and brings the style sheet along: the panel's own, and that of results."""
    return HTML(_style_element(), layout=Layout(display="none"))


@cache
def _style_element() -> Html:
    return tag("style", Html((Path(__file__).parent / "panel.css").read_text("utf-8") + style_text()))
