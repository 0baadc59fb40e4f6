"""What is being done, how far it is, and a way to stop it."""

from __future__ import annotations

from ipywidgets import HBox, Layout

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.prompt.view import status_html
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.translation import tr


class Busy(HBox):  # type: ignore[misc] # ipywidgets ships no types
    """A line that shows while something is done; a `Runner` tells it.

    Attributes:
        stop: The button that stops it, unconnected.
    """

    def __init__(self) -> None:
        self._status, self._bar = Region(), Region()
        self.stop = OrderedButton(
            description=tr("Cancel"),
            tooltip=tr("Stop waiting; the result on screen stays"),
            layout=Layout(width="auto", display="none"),
        )
        super().__init__([self._status, self._bar, self.stop], layout=Layout(align_items="center"))
        self.add_class("budsim-busy")

    def show_status(self, status: str) -> None:
        """What is being done, with a way to stop it; nothing for an empty text."""
        self._status.value = status_html(status) if status else Html()
        self.stop.layout.display = SHOWN if status else "none"
        self.stop.disabled = False
        self._bar.value = Html()

    def show_steps(self, done: int, total: int) -> None:
        """How far it is, where it is shown at all: what is done at once should not flicker."""
        if self._status.value and total > 1:
            said = tr("{done:,} of {total:,}", done=done, total=total)
            self._bar.value = tag("div", progress_bar(done, total), " ", said)

    def show_last(self) -> None:
        """What is being done is kept now, and can't be stopped any more."""
        self.stop.disabled = True
        self._status.value = status_html(tr("All are checked and being kept: this can't be stopped any more."))


def progress_bar(done: int, total: int) -> Html:
    """How far something is, for eyes and for ears."""
    said = tr("{done:,} of {total:,}", done=done, total=total)
    return tag("progress", max=max(total, 1), value=done, aria_label=said)
