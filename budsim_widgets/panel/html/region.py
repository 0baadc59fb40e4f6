"""A place for HTML that takes no room while it is empty."""

from __future__ import annotations

from ipywidgets import HTML, Layout
from traitlets import observe

from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.rendering.markup import Html


class Region(HTML):  # type: ignore[misc] # ipywidgets ships no types
    """Shows HTML that `markup` made.

    Args:
        html: What it shows at first.
    """

    def __init__(self, html: Html = Html()) -> None:  # noqa: B008 - an empty text
        super().__init__(html, layout=Layout(display="none"))
        self.add_class("budsim-region")

    @observe("value")
    def _show_or_hide(self, _: object) -> None:
        self.layout.display = SHOWN if self.value else "none"
