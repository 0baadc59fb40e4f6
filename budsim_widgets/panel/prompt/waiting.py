"""Which config is asked for, and what waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budsim_widgets.panel.flow.pending import MissingConfig


class Waiting:
    """The config that a paste box asks for.

    Attributes:
        missing: The config with what follows; None while nothing is asked for.
        is_asked_again: Whether the Hub is being asked for it once more.
    """

    def __init__(self) -> None:
        self.missing: MissingConfig | None = None
        self.is_asked_again = False

    @property
    def model_id(self) -> str | None:
        """The id under which the config is kept, or None."""
        return None if self.missing is None else self.missing.error.model_id or self.missing.model

    def is_for(self, model: str) -> bool:
        """Whether the config of this model, as a person named it, is asked for."""
        return self.missing is not None and self.missing.model == model

    def begin(self, missing: MissingConfig) -> bool:
        """A config is asked for; returns whether the Hub was asked again for it and said the same."""
        former = self.missing.error.message if self.missing and self.is_for(missing.model) else None
        is_same_answer = self.is_asked_again and former == missing.error.message
        self.missing, self.is_asked_again = missing, False
        return is_same_answer

    def end(self) -> None:
        """Nothing is asked for any more."""
        self.missing, self.is_asked_again = None, False
