"""The changes that make a model fit, as buttons that change the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ipywidgets import HBox, Layout

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.rendering.reports.option_words import option_label
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from budsim_widgets.fitting import Option

_MOST: Final = 6


class OptionButtons(HBox):  # type: ignore[misc] # ipywidgets ships no types
    """A row of buttons, made once: a result that follows a slider only changes what stands on them.

    Args:
        apply: Called with the changes of the option that is clicked.
    """

    def __init__(self, apply: Callable[[Mapping[str, Any]], None]) -> None:
        self._apply = apply
        self._options: tuple[Option, ...] = ()
        self._buttons = [OrderedButton(layout=Layout(width="auto", display="none")) for _ in range(_MOST)]
        for index, button in enumerate(self._buttons):
            button.on_click(lambda _, index=index: self._apply(self._options[index].changes))
        super().__init__(self._buttons, layout=Layout(flex_flow="row wrap", display="none"))
        self.add_class("budsim-options")

    def show(self, options: Iterable[Option]) -> None:
        """These options, the best first; no row where there is none."""
        self._options = tuple(options)[:_MOST]
        for index, button in enumerate(self._buttons):
            is_used = index < len(self._options)
            if is_used:
                option = self._options[index]
                button.description = option_label(option)
                button.tooltip = tr("Change the fields so; in code: {code}", code=option.label)
            button.layout.display = SHOWN if is_used else "none"
        self.layout.display = SHOWN if self._options else "none"
