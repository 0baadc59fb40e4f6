"""Where the panel says what it does, what went wrong, and what came out."""

from __future__ import annotations

from ipywidgets import HBox, Layout

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.markup import Html
from budsim_widgets.panel.html.prose import as_shown, error_html
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.prompt.view import alert_html, status_html


class PanelView:
    """The widgets below the fields."""

    def __init__(self) -> None:
        self._status = Region()
        self.stop = OrderedButton(
            description="Cancel",
            tooltip="Stop waiting; the result on screen stays",
            layout=Layout(width="auto", display="none"),
        )
        self.busy = HBox([self._status, self.stop], layout=Layout(align_items="center"))
        self.busy.add_class("budsim-busy")
        self.problem = Region()
        self.result = Region()

    def show_status(self, status: str) -> None:
        """What is being done, with a way to stop it; nothing for an empty text."""
        self._status.value = status_html(status) if status else Html()
        self.stop.layout.display = None if status else "none"

    def show_problem(self, error: Exception | None) -> None:
        """What went wrong and what to do, or nothing."""
        self.problem.value = Html() if error is None else alert_html(error_html(as_shown(error)))
