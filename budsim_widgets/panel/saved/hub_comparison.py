"""Saved configs are compared with what the Hub publishes, beside whatever else is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.panel.html.region import Region
from budsim_widgets.panel.prompt.view import status_html
from budsim_widgets.rendering.markup import Html
from budsim_widgets.translation import tr
from budsim_widgets.verification.backlog import BACKGROUND_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.verification.verify import Verification

_STATUS_DELAY_SECONDS: Final = 1.0


class HubComparison(Region):
    """Says that it compares, while it does.

    Args:
        actions: What compares.
        compared: Called when the Hub publishes something about one of them.
        show_error: Called with what goes wrong.
    """

    def __init__(
        self, actions: Actions, *, compared: Callable[[], None], show_error: Callable[[Exception], None]
    ) -> None:
        super().__init__()
        self._actions, self._tell_compared, self._show_error = actions, compared, show_error
        self._runner = Runner(self._show_status, show_error, delay_seconds=_STATUS_DELAY_SECONDS)

    @property
    def is_busy(self) -> bool:
        """Whether something is being compared."""
        return self._runner.is_busy

    async def idle(self) -> None:
        """Returns when nothing is being compared."""
        await self._runner.idle()

    def start(self) -> None:
        """Compares what never was; nothing in a script, which would wait: `verify_configs` is there for that."""
        if running_loop() is None:
            return
        self._runner.run(
            lambda: self._actions.saved.verify(timeout_seconds=BACKGROUND_SECONDS),
            self._compared,
            self._show_error,
            status=tr("Comparing with what the Hub publishes …"),
        )

    def cancel(self) -> None:
        """Stops waiting."""
        self._runner.cancel()

    def _compared(self, verifications: tuple[Verification, ...]) -> None:
        if any(one.published_parameters is not None for one in verifications):
            self._tell_compared()

    def _show_status(self, status: str) -> None:
        self.value = status_html(status) if status else Html()
