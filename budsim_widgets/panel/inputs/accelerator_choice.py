"""The accelerator that stands in its field at first: the one chosen last time, else this machine's own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from budsim_widgets.errors import BudsimError, StoreError
from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.translation import tr
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Combobox

    from budsim_widgets.hardware.detection import DetectedAccelerator
    from budsim_widgets.store.preferences import Preferences

_NAME = "accelerator"
_LOGGER = logging.getLogger(__name__)
_LOGGER.addHandler(logging.NullHandler())


class AcceleratorChoice:
    """Fills in the field, and remembers what a person chooses.

    Args:
        field: The field of the accelerator.
        preferences: Where the choice is kept.
        show_error: Called with an error that is none of the package's.
    """

    def __init__(self, field: Combobox, preferences: Preferences, show_error: Callable[[Exception], None]) -> None:
        self._field = field
        self._preferences = preferences
        # one each: what is kept must not take the place of what is looked for
        self._looking, self._keeping = (Runner(lambda _: None, show_error) for _ in range(2))
        self._own = ""
        self._fills_in = True

    def begin(self, *, fills_in: bool = True) -> None:
        """Fill in the choice of last time, and look for this machine's own while the panel is shown already.

        Args:
            fills_in: Whether something is filled in where the field is empty: not where it was asked for so.
        """
        self._fills_in = fills_in
        if fills_in and not self._field.value:
            self._field.value = self._remembered()
        if running_loop() is not None:  # a script has nobody who looks at the field
            self._looking.run(_detected, self._offer, self._log, status="")

    def remember(self) -> None:
        """Keep what stands in the field for the next time."""
        chosen = self._field.value.strip()
        if not chosen or chosen != self._own:
            self._keeping.run(lambda: self._preferences.put(_NAME, chosen), lambda _: None, self._log, status="")

    async def idle(self) -> None:
        """Returns when nothing is looked for or kept."""
        await self._looking.idle()
        await self._keeping.idle()

    def _remembered(self) -> str:
        try:
            return self._preferences.get(_NAME) or ""
        except StoreError as error:  # the action that needs the store says so
            self._log(error)
            return ""

    def _offer(self, found: tuple[DetectedAccelerator, ...]) -> None:
        if not found:
            return
        largest = max(found, key=lambda one: one.total_bytes)
        count = sum(one.name == largest.name for one in found)
        self._own = f"{count}x {largest.accelerator.name}" if count > 1 else largest.accelerator.name
        field = self._field
        if largest.free_bytes is None:
            field.placeholder = tr("this machine: {accelerator}", accelerator=self._own)
        else:
            free = format_bytes(largest.free_bytes)
            field.placeholder = tr("this machine: {accelerator}, {free} free now", accelerator=self._own, free=free)
        if self._fills_in and not field.value:
            field.value = self._own

    @staticmethod
    def _log(error: BudsimError) -> None:
        _LOGGER.warning("budsim: the choice of the accelerator: %s", error)


def _detected() -> tuple[DetectedAccelerator, ...]:
    from budsim_widgets.hardware.detection import detect_accelerators  # noqa: PLC0415 - only where a person looks

    return detect_accelerators()
