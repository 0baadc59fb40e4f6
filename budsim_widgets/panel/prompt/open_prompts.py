"""The boxes of this process that wait for a config: what is pasted into one serves the others too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from budsim_widgets.schemas import ConfigSubmitResponse
    from budsim_widgets.store import ConfigStore


class OpenPrompt(Protocol):
    """What waits in a box."""

    @property
    def store(self) -> ConfigStore:
        """Where its config would be kept."""

    def waits_for(self, model_id: str, store: ConfigStore) -> bool:
        """Whether it waits for the config of a model that is kept in this store."""

    def go_on(self, response: ConfigSubmitResponse) -> None:
        """The config was pasted elsewhere."""


_OPEN: Final[WeakSet[OpenPrompt]] = WeakSet()


def opened(prompt: OpenPrompt) -> None:
    """The box waits."""
    _OPEN.add(prompt)


def closed(prompt: OpenPrompt) -> None:
    """The box waits no more."""
    _OPEN.discard(prompt)


def others_for(prompt: OpenPrompt, model_id: str) -> list[OpenPrompt]:
    """The other boxes that wait for the config of a model, of the same store."""
    return [other for other in list(_OPEN) if other is not prompt and other.waits_for(model_id, prompt.store)]
