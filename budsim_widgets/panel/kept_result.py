"""What outlives the kernel: the last result as plain HTML, beside the panel in the output of the same cell.

A saved notebook holds of a widget no more than its id; opened again, it says "model not found". JupyterLab prefers
the widget to any HTML in the same output, so the HTML is an output of its own, changed by its display id (Jupyter's
messaging, "update_display_data"). While the panel lives, `frontend.js` keeps it empty on screen, so that nothing is
shown or read out twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from budsim_widgets.panel.flow.after_pause import AfterPause
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.page import page
from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_SECONDS = 0.5
# the place of the panel, where it says "model not found"
_NO_WIDGET = tag(
    "style",
    Html(
        ".jp-OutputArea-child:not(:has(.budsim-panel)):has(+ .jp-OutputArea-child .budsim-kept .budsim-result)"
        " { display: none; }"
    ),
)
_NOTE = mark("The last result of the panel, as it was saved. Run the cell for the panel itself.")


def publish(data: dict[str, Any], **details: Any) -> None:
    """Sends an output to whoever shows the notebook; see `IPython.display.publish_display_data`."""
    from IPython.display import publish_display_data  # noqa: PLC0415 - only a notebook displays

    send: Callable[..., None] = publish_display_data
    send(data, **details)


class KeptResult:
    """The output beside the panel; one for all the places where the panel is displayed.

    Attributes:
        display_id: What the output is called, in messages and as a class of its element.
    """

    def __init__(self) -> None:
        self.display_id = f"budsim-kept-{uuid4().hex}"
        self._make: Callable[[], Html] = Html
        self._is_displayed = False
        self._publishing = AfterPause(_PAUSE_SECONDS)

    @property
    def page(self) -> Html:
        """The result as HTML that needs nothing else; empty without a result."""
        result = self._make()
        if not result:
            return Html()
        note = tag("p", tr(_NOTE), class_="budsim-hint")
        return join(_NO_WIDGET, page(result, note))

    def display(self) -> None:
        """Adds the output to the cell that runs."""
        self._is_displayed = True
        self._publish(update=False)

    def keep(self, make: Callable[[], Html], *, at_once: bool = True) -> None:
        """Puts a result into the output.

        Args:
            make: Makes the result, as HTML of the package; called when it is needed.
            at_once: Whether not to wait for further results, as they come while a slider is dragged.
        """
        self._make = make
        self._publishing.call(self._publish, at_once=at_once)

    def _publish(self, *, update: bool = True) -> None:
        if not self._is_displayed:
            return
        page = tag("div", self.page, class_=f"budsim-kept {self.display_id}")
        # no text/plain: a terminal, where no panel is shown, prints nothing for it
        publish({"text/html": page}, transient={"display_id": self.display_id}, update=update)
