"""A result as an output of its own: for a cell, for what outlives the kernel, for a notebook to take along."""

from __future__ import annotations

from functools import cache

from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.standalone.standalone import DRAWING_CLASS, PICTURE_CLASS, standalone
from budsim_widgets.rendering.styles import theme_text


def page(*parts: Html) -> Html:
    """HTML that needs nothing else: no style sheet of the page, no JavaScript, no network.

    It follows the theme where there is one, and stays legible where styles and drawings are taken away.

    Args:
        parts: HTML that the package made.

    Example:
        >>> "budsim-output" in page(tag("p", "Fits"))
        True
    """
    return join(_style_element(), standalone(tag("div", *parts, class_="budsim-output budsim-result")))


@cache
def _style_element() -> Html:
    """The colours of a page without JupyterLab's theme, and the drawings instead of their pictures."""
    chosen = (
        f".budsim-output .{PICTURE_CLASS} {{ display: none; }}\n"
        f".budsim-output .{DRAWING_CLASS} {{ display: block !important; }}"
    )
    return tag("style", Html(theme_text() + chosen))
