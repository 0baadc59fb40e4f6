"""Edits of one config that know nothing of each other, and between which nobody has decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budsim_widgets.store.records.lineage import content_id, edits_of, heads

if TYPE_CHECKING:
    from budsim_widgets.store import ConfigStore
    from budsim_widgets.store.records.values import StoredConfig


@dataclass(frozen=True, kw_only=True)
class ConfigConflict:
    """A model of which two people or more changed the same config.

    Restoring one of the versions, the one that counts too, decides.

    Attributes:
        model_id: The model.
        versions: The edits that stand beside each other, by their version in the history; the one that counts first.
        contributors: From whom each of them came; None if it was made here.
    """

    model_id: str
    versions: tuple[int, ...]
    contributors: tuple[str | None, ...]


def conflicts_in(store: ConfigStore) -> tuple[ConfigConflict, ...]:
    """The models of a store whose edits nobody has decided between.

    Raises:
        StoreError: The store can't be read.
    """
    found = (_conflict(store, one) for one in store.browse())
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.model_id.casefold()))


def _conflict(store: ConfigStore, newest: StoredConfig) -> ConfigConflict | None:
    versions = store.versions(newest.model_id)
    standing = heads(edits_of(versions)) if len(versions) > 1 else ()
    if len(standing) < 2:  # noqa: PLR2004 - one is no conflict
        return None
    kept = {content_id(version.config): version for version in reversed(versions)}
    edits = [kept[key] for key in standing]
    return ConfigConflict(
        model_id=newest.model_id,
        versions=tuple(edit.version for edit in edits),
        contributors=tuple(edit.contributor for edit in edits),
    )
