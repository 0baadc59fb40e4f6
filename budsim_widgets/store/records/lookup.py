"""Finding one of the versions that are kept, and what to say where it isn't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from budsim_widgets.store.records.values import StoredConfig, Versions


def version_among(kept: Versions, model_id: str, number: int | None, *, path: Path) -> StoredConfig:
    """The version of this number, or for None the one that counts now.

    Args:
        kept: The versions that are kept for a model.
        model_id: The model.
        number: The version.
        path: The store, for the message.

    Raises:
        StoreError: It isn't kept.
    """
    found = next((version for version in kept if number in (None, version.version)), None)
    if found is not None:
        return found
    what = "config" if number is None else f"version {number} of the config"
    numbers = ", ".join(str(version.version) for version in kept)
    raise StoreError(
        f"There is no {what} of {model_id}.",
        path=str(path),
        model_id=model_id,
        next_step=f"These are kept: {numbers}." if kept else "No config is kept for this model: submit one.",
    )


def no_config(model_id: str, *, path: Path) -> StoreError:
    """One of several models has no config."""
    return StoreError(
        f"No config is kept for {model_id}.",
        path=str(path),
        model_id=model_id,
        next_step="Submit one, or leave this model out.",
    )
