"""A way back where a config was saved that doesn't agree with what the Hub publishes about its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Layout

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.panel.flow.pending import MissingConfig
    from budsim_widgets.schemas import ConfigSubmitResponse


class UndoButton(OrderedButton):
    """Takes back the config that was saved last; shown only where that one is doubtful.

    Attributes:
        missing: What the config was asked for; None where there is nothing to take back.
    """

    def __init__(self) -> None:
        super().__init__(
            description=tr("Undo: paste another config"),
            tooltip=tr("Forget the config that was saved, and go back to the box"),
            layout=Layout(width="auto", display="none", align_self="flex-start"),
        )
        self.add_class("budsim-undo")
        self.missing: MissingConfig | None = None

    def offer(self, missing: MissingConfig, response: ConfigSubmitResponse) -> None:
        """Shows it where the Hub publishes other numbers than the config has."""
        if response.details.get("verification") == "differs":
            self.missing, self.layout.display = missing, SHOWN

    def withdraw(self) -> None:
        """Hides it: something else has begun."""
        self.missing, self.layout.display = None, "none"
