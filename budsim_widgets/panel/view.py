"""Where the panel says what it does, what went wrong, and what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Layout, VBox

from budsim_widgets.panel.busy import Busy
from budsim_widgets.panel.frontend import Frontend, TakeAway
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.option_buttons import OptionButtons
from budsim_widgets.panel.precision_glance import PrecisionGlance
from budsim_widgets.panel.precision_table import PrecisionTable
from budsim_widgets.panel.prompt.view import alert_html, status_html
from budsim_widgets.rendering.markup import Html
from budsim_widgets.rendering.prose import as_shown, error_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from budsim_widgets.fitting import Option

_STALE_CLASS = "budsim-stale"


class PanelView:
    """The widgets below the fields.

    Args:
        apply: Called with the changes of an option that a person clicks.
        show_error: Called with what goes wrong while precisions are compared.
    """

    def __init__(self, apply: Callable[[Mapping[str, Any]], None], show_error: Callable[[Exception], None]) -> None:
        self.busy = Busy()
        self.problem = Region()
        self.problem.add_class("budsim-problem")
        self._stale = Region()
        self._stale.add_class("budsim-earlier")
        self._answer, self._details = Region(), Region()
        self.glance = PrecisionGlance(apply)
        self._options = OptionButtons(apply)
        self.precisions = PrecisionTable(show_error)
        self.take_away = TakeAway()
        self.frontend = Frontend()
        report = [self._stale, self._answer, self.glance.chips, self._details]
        self.result = VBox(
            [*report, self._options, self.precisions, self.take_away, self.frontend], layout=Layout(display="none")
        )
        self.result.add_class("budsim-result")

    def show_problem(self, error: Exception | None) -> None:
        """What went wrong and what to do, or nothing."""
        self.problem.value = Html() if error is None else alert_html(error_html(as_shown(error)))

    def show_result(self, answer: Html, details: Html) -> None:
        """A result: its first sentence stands above the precisions, the rest below."""
        self._answer.value, self._details.value = answer, details
        self.result.layout.display = SHOWN

    def offer_options(self, options: Iterable[Option]) -> None:
        """The changes that would make the result on screen fit."""
        self._options.show(options)

    def hide_result(self) -> None:
        """No result is shown."""
        self.result.layout.display = "none"
        self.show_stale("")

    def show_stale(self, sentence: str) -> None:
        """Says in words that the result is an earlier one, and fades it; nothing for an empty text."""
        self._stale.value = status_html(sentence) if sentence else Html()
        if sentence:
            self.result.add_class(_STALE_CLASS)
        else:
            self.result.remove_class(_STALE_CLASS)
