"""The two kinds of work of a panel that may take seconds: what a person started, and what follows the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.flow.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.panel.busy import Busy

_STATUS_DELAY_SECONDS: Final = 0.2


class Runners:
    """One runner for each kind, both told by the same line.

    Args:
        busy: The line that says what is being done.
        show_error: Called with an error that is none of the package's.

    Attributes:
        started: Runs what a person started.
        comparing: Compares models anew when a field changes.
    """

    def __init__(self, busy: Busy, show_error: Callable[[Exception], None]) -> None:
        self.started, self.comparing = (
            Runner(busy.show_status, show_error, delay_seconds=_STATUS_DELAY_SECONDS, show_steps=busy.show_steps)
            for _ in range(2)
        )

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way."""
        return self.started.is_busy or self.comparing.is_busy

    def cancel(self) -> None:
        """Forgets what is under way."""
        self.started.cancel()
        self.comparing.cancel()

    async def idle(self) -> None:
        """Returns when nothing is under way."""
        await self.started.idle()
        await self.comparing.idle()
