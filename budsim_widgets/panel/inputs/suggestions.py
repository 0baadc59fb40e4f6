"""Ids that complete what a person types: what they asked about lately, what is saved, and well-known models."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Final

from budsim_widgets.data import load_table
from budsim_widgets.errors import BudsimError, StoreError
from budsim_widgets.panel.flow.runner import Runner, running_loop
from budsim_widgets.store.preferences import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ipywidgets import Combobox

    from budsim_widgets.store import ConfigStore

_NAME: Final = "recent_models"
_MOST_SAVED: Final = 200
_LOGGER = logging.getLogger(__name__)
_LOGGER.addHandler(logging.NullHandler())


@cache
def well_known_models() -> tuple[str, ...]:
    """Models that many people ask about, by name."""
    return tuple(sorted(load_table("published")["parameters"], key=str.casefold))


class ModelSuggestions:
    """Fills the list of a field, and remembers what was asked about.

    Args:
        field: The field.
        store: Where configs and choices are kept.
        show_error: Called with an error that is none of the package's.
    """

    def __init__(
        self, field: Combobox, store: Callable[[], ConfigStore], show_error: Callable[[Exception], None]
    ) -> None:
        self._field = field
        self._store = store
        # one each: what is kept must not take the place of what is looked for
        self._looking, self._keeping = (Runner(lambda _: None, show_error) for _ in range(2))

    def begin(self) -> None:
        """Look for saved and recent models while the panel is shown already."""
        if running_loop() is not None:  # a script has nobody who types
            self._looking.run(self._known, self._offer, _log, status="")

    def remember(self, model_id: str | None) -> None:
        """Put a model first among the recent ones."""
        if model_id is None or (self._field.options and self._field.options[0] == model_id):
            return
        self._offer((model_id, *self._field.options))
        self._keeping.run(lambda: self._keep(model_id), lambda _: None, _log, status="")

    async def idle(self) -> None:
        """Returns when nothing is looked for or kept."""
        await self._looking.idle()
        await self._keeping.idle()

    def _known(self) -> tuple[str, ...]:
        store = self._store()
        recent = (store.preferences.get(_NAME) or "").split()
        saved = sorted((one.model_id for one in store.browse()), key=str.casefold)
        return (*recent, *saved[:_MOST_SAVED])

    def _offer(self, model_ids: Iterable[str]) -> None:
        self._field.options = tuple(dict.fromkeys((*model_ids, *well_known_models())))

    def _keep(self, model_id: str) -> None:
        preferences = self._store().preferences
        recent = dict.fromkeys((model_id, *(preferences.get(_NAME) or "").split()))
        preferences.put(_NAME, _as_many_as_fit(recent))


def _as_many_as_fit(model_ids: Iterable[str]) -> str:
    """Whole ids, the first ones first."""
    text = " ".join(model_ids)[: MAX_CHARACTERS + 1]
    return text if len(text) <= MAX_CHARACTERS else text.rpartition(" ")[0]


def _log(error: BudsimError) -> None:
    level = logging.WARNING if isinstance(error, StoreError) else logging.INFO
    _LOGGER.log(level, "budsim: the suggestions of models: %s", error)
