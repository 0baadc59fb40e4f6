"""Where what is done with a team's repository opens: made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Layout, VBox

from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.team.team_view import TeamView
from budsim_widgets.translation import current_speaker, in_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions


class TeamBox(VBox):  # type: ignore[misc] # ipywidgets ships no types
    """Shows the view of a team's configs, or nothing.

    Args:
        actions: What shares and syncs.
        changed: Called when the kept configs changed.
    """

    def __init__(self, actions: Actions, changed: Callable[[], None]) -> None:
        super().__init__(layout=Layout(display="none"))
        self._actions, self._changed = actions, changed
        self._speaker = current_speaker()
        self._view: TeamView | None = None

    @property
    def view(self) -> TeamView:
        """What is done with the repository."""
        if self._view is None:
            with in_language(self._speaker):
                self._view = TeamView(self._actions, changed=self._changed)
            self.children = (self._view,)
        return self._view

    @property
    def is_busy(self) -> bool:
        """Whether something is being shared or synced."""
        return self._view is not None and self._view.is_busy

    async def idle(self) -> None:
        """Returns when nothing is being shared or synced."""
        if self._view is not None:
            await self._view.idle()

    def open_or_close(self) -> None:
        """Shows it with what waits for a decision, or hides it."""
        is_open = self.layout.display != "none"
        if is_open:
            self.view.clear()
        else:
            self.view.show_conflicts()
        self.layout.display = "none" if is_open else SHOWN

    def clear(self) -> None:
        """Hides it, and forgets what stands in it."""
        if self._view is not None:
            self._view.clear()
            self.layout.display = "none"
