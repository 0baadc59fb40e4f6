"""The values that the store hands out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from budsim_widgets.printable import printable
from budsim_widgets.store.records.plain_json import copy_of

if TYPE_CHECKING:
    from datetime import datetime

MAX_LABEL_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConfig:
    """A config that a person pasted for a model.

    Attributes:
        model_id: The model, spelled as in the latest submission.
        config: The config; a copy of the caller's own.
        submitted_at: When a config was first submitted for this model (UTC).
        updated_at: When this one was submitted last (UTC).
        version: 1 for the first config of a model, then counted up.
        source_format: What was pasted, such as `json`.
        is_verified: Whether its parameter count agrees with what the Hub publishes.
        published_parameters: What the Hub publishes, where that is known.
        contributor: From whom it came, for people to read, such as `imported from team.json`; None if it was submitted
            here.
        author: The account on the Hub of who made it, where a team's repository says so.
        counter: How many edits deep it is; None where that was never counted: then its `version` says it.
        made_from: Content ids of the configs that it was made from (`lineage`); None: the version before. What the
            history tells, and so no part of what is compared, as `counter`.
        place: Which of the edits in a team's repository it was; None: it never was in one.
        copied_from: The model whose config it is, where it was taken from another one; None if it was pasted.
    """

    model_id: str
    config: dict[str, Any] = field(repr=False)
    submitted_at: datetime
    updated_at: datetime
    version: int
    source_format: str
    is_verified: bool
    published_parameters: int | None
    contributor: str | None = None
    author: str | None = None
    counter: int | None = field(default=None, compare=False)
    made_from: tuple[str, ...] | None = field(default=None, compare=False, repr=False)
    place: int | None = None
    copied_from: str | None = None


StoredConfigs: TypeAlias = list[StoredConfig]

Versions: TypeAlias = tuple[StoredConfig, ...]
"""All that is kept for one model, the newest first; empty for a model without a config."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A config that the Hub once gave, kept for the time without network.

    Attributes:
        model_id: The model's canonical id.
        config: The config; a copy of the caller's own.
        revision: The commit that it came from.
        resolved_at: When the Hub gave it (UTC).
    """

    model_id: str
    config: dict[str, Any] = field(repr=False)
    revision: str | None
    resolved_at: datetime


@dataclass(frozen=True, slots=True)
class RejectedConfig:
    """A config of an imported file that was left out, and why."""

    model_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What an import did, by model id.

    Attributes:
        added: Models that the store had no config of.
        updated: Models whose config in the file was made from the one here, or else is newer; the one before is in
            their history.
        kept: Models whose config in the store counts as before; the file's went into their history if unknown.
        rejected: Configs that were left out, with the reason.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    rejected: tuple[RejectedConfig, ...] = ()


def for_caller(stored: StoredConfig) -> StoredConfig:
    """The same with a config of the caller's own: changing it changes nothing here."""
    return replace(stored, config=copy_of(stored.config))


def as_label(text: str) -> str:
    r"""A text of others as one short line that can be shown: without control and direction characters.

    Example:
        >>> as_label("team\n.json")
        'team .json'
    """
    shown = text[: MAX_LABEL_LENGTH - 1] + "…" if len(text) > MAX_LABEL_LENGTH else text
    return printable(shown)
