"""Public copies of a gated model: looked for at a click, and one whose config a further click takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ipywidgets import HBox, Layout

from budsim_widgets.panel.flow.click_order import OrderedButton
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST: Final = 3


class CopyButtons(HBox):  # type: ignore[misc] # ipywidgets ships no types
    """A button that looks for copies, and one for each that was found.

    Attributes:
        search: Looks for them.
        found: The ids on the other buttons.
    """

    def __init__(self) -> None:
        self.search = OrderedButton(
            description=tr("Find public copies"),
            tooltip=tr(
                "Models on the Hub that were made from this one, are open to everybody, and have as many parameters"
            ),
            layout=Layout(width="auto"),
        )
        self.found: tuple[str, ...] = ()
        self._take: Callable[[str], None] = lambda _: None
        self._buttons = [OrderedButton(layout=Layout(width="auto", display="none")) for _ in range(_MOST)]
        for index, button in enumerate(self._buttons):
            button.on_click(lambda _, index=index: self._take(self.found[index]))
        super().__init__([self.search, *self._buttons], layout=Layout(flex_flow="row wrap", display="none"))

    def connect(self, take: Callable[[str], None]) -> None:
        """`take` is called with the id of the copy that is clicked."""
        self._take = take

    def offer_search(self, *, is_offered: bool) -> None:
        """Shows the first button alone, or nothing."""
        self.show(())
        self.layout.display = SHOWN if is_offered else "none"

    def show(self, model_ids: Sequence[str]) -> None:
        """A button for each of these."""
        self.found = tuple(model_ids)[:_MOST]
        for index, button in enumerate(self._buttons):
            is_used = index < len(self.found)
            if is_used:
                button.description = tr("Use the config of {model}", model=shorten(self.found[index]))
                button.tooltip = tr(
                    "A public copy: its config is compared with what the Hub publishes of the gated model"
                )
            button.layout.display = SHOWN if is_used else "none"

    def set_busy(self, *, is_busy: bool) -> None:
        """While something is looked for or saved, nothing else is begun."""
        for button in (self.search, *self._buttons):
            button.disabled = is_busy
