"""The models that a person names to a team's actions: their ids, each once."""

from __future__ import annotations

from collections.abc import Iterable as IterableABC
from typing import TYPE_CHECKING

from budsim_widgets.errors import ModelIdError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.actions.saved_actions import SavedConfigActions
    from budsim_widgets.resolver import Resolver


class NamedModels:
    """Finds the ids.

    Each method raises:
        ModelIdError: One of the models has no valid id.

    Args:
        resolver: The store and the Hub.
        saved: What is done with the kept configs.
    """

    def __init__(self, resolver: Resolver, saved: SavedConfigActions) -> None:
        self._resolver, self._saved = resolver, saved

    def kept(self, model_ids: Iterable[str] | None = None) -> list[str]:
        """The ids that configs are kept under; None: all."""
        if model_ids is None:
            return [stored.model_id for stored in self._resolver.store.browse()]
        return list(dict.fromkeys(self._saved.stored_id(model_id) for model_id in listed(model_ids)))

    def named(self, model_ids: Iterable[str]) -> list[str]:
        """The ids by which the Hub knows the models."""
        return list(dict.fromkeys(self._resolver.model_id(model_id) for model_id in listed(model_ids)))


def listed(model_ids: Iterable[str]) -> list[str]:
    """The models that a person named: one, or several.

    Raises:
        ModelIdError: It is neither.

    Example:
        >>> listed("org/model"), listed(("org/model", "org/other"))
        (['org/model'], ['org/model', 'org/other'])
    """
    if isinstance(model_ids, str):
        return [model_ids]
    listed: list[object] = list(model_ids) if isinstance(model_ids, IterableABC) else [model_ids]
    named = [one for one in listed if isinstance(one, str)]
    if len(named) < len(listed):
        odd = next(one for one in listed if not isinstance(one, str))
        raise ModelIdError(
            f"model_ids takes the ids of models, not {quoted(odd)}.",
            next_step="Give a list such as ['org/model'], or leave it out for all.",
        )
    return named
