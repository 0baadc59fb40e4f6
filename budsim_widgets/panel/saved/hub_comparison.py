"""Saved configs are compared with what the Hub publishes, beside whatever else is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.busy import Busy
from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.panel.flow.steps import Steps
from budsim_widgets.translation import tr
from budsim_widgets.verification.backlog import BACKGROUND_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.verification.verify import Verification

_STATUS_DELAY_SECONDS: Final = 1.0


class HubComparison(Busy):
    """Says that it compares and how far it is, while it does; can be stopped, and goes on the next time.

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
        self._runner = Runner(
            self.show_status, show_error, delay_seconds=_STATUS_DELAY_SECONDS, show_steps=self.show_steps
        )
        self.stop.on_click(lambda _: self._stop())

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
        steps = Steps()
        self._runner.run(
            lambda: self._actions.saved.verify(timeout_seconds=BACKGROUND_SECONDS, through=steps.through),
            self._compared,
            self._show_error,
            status=tr("Comparing with what the Hub publishes …"),
            steps=steps,
        )

    def cancel(self) -> None:
        """Stops waiting, and comparing before the next one."""
        self._runner.cancel()

    def _stop(self) -> None:
        """What was compared so far is shown."""
        self._runner.cancel()
        self._tell_compared()

    def _compared(self, verifications: tuple[Verification, ...]) -> None:
        if any(one.published_parameters is not None for one in verifications):
            self._tell_compared()
