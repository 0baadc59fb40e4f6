"""Where the saved configs open in a panel: made when they are first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Layout, VBox

from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.translation import current_speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel.saved.saved_configs import SavedConfigs


class SavedBox(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """Shows the saved configs, or nothing.

    Args:
        actions: What reads and changes them.
        use: Called with the id of a model that a person wants to calculate.
    """

    def __init__(self, actions: Actions, use: Callable[[str], None]) -> None:
        super().__init__(layout=Layout(display="none"))
        self._actions = actions
        self._use = use
        self._view: SavedConfigs | None = None

    @property
    def view(self) -> SavedConfigs:
        """The view of the saved configs."""
        if self._view is None:
            from budsim_widgets.panel.saved.saved_configs import SavedConfigs  # noqa: PLC0415 - most panels never open it

            self._view = SavedConfigs(
                self._actions,
                use=self._use_and_close,
                close=self.open_or_close,
                language=current_speaker(),
            )
            self.children = (self._view,)
        return self._view

    def open_or_close(self) -> None:
        """Shows them where they are hidden, and hides them where they are shown."""
        if self.view.is_open:
            self.view.clear()
        else:
            self.view.show_saved()
        self.layout.display = SHOWN if self.view.is_open else "none"

    def show_anew(self) -> None:
        """Says what it shows in the language that is spoken now."""
        if self._view is not None:
            self._view.show_anew()

    async def idle(self) -> None:
        """Returns when nothing is read or changed."""
        if self._view is not None:
            await self._view.idle()

    def _use_and_close(self, model_id: str) -> None:
        self.open_or_close()
        self._use(model_id)
