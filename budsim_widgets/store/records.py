"""The values that the store hands out, and the records of the file that keep them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Final, TypeAlias

from budsim_widgets.store.plain_json import copy_of

CONFIGS_TABLE: Final = "user_model_configs"
CATALOG_TABLE: Final = "models"


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


StoredConfigs: TypeAlias = list[StoredConfig]

Versions: TypeAlias = tuple[StoredConfig, ...]
"""All that is kept for one model, the newest first; never empty."""


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
        updated: Models whose config in the file was newer; the one before is in their history.
        kept: Models whose config in the store was as new or newer; the file's went into their history if unknown.
        rejected: Configs that were left out, with the reason.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    rejected: tuple[RejectedConfig, ...] = ()


def document_id(model_id: str) -> int:
    """The id of a model's document: the same in every process, and for every spelling in upper or lower case.

    128 bits of a hash, so that no two models ever share one.
    """
    key = model_id.strip().casefold().encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(key).digest()[:16], "big")


def for_caller(stored: StoredConfig) -> StoredConfig:
    """The same with a config of the caller's own: changing it changes nothing here."""
    return replace(stored, config=copy_of(stored.config))


def newest_version(record: dict[str, Any]) -> StoredConfig:
    """The config of a record that counts now; shares its `config` with the record."""
    return _version(record, record["model_id"], _time(record["submitted_at"]))


def versions_of(record: dict[str, Any]) -> Versions:
    """All that a record keeps, the newest first; shares their `config`s with the record."""
    newest = newest_version(record)
    earlier = (_version(item, newest.model_id, newest.submitted_at) for item in record["history"])
    return (newest, *earlier)


def record_of(versions: Versions) -> dict[str, Any]:
    """The record that keeps these versions."""
    newest, *earlier = versions
    return {
        "model_id": newest.model_id,
        "submitted_at": newest.submitted_at.isoformat(),
        **_version_record(newest),
        "history": [_version_record(version) for version in earlier],
    }


def catalog_entry(record: dict[str, Any]) -> CatalogEntry:
    """The entry that a record of the catalogue keeps, with a config of the caller's own."""
    return CatalogEntry(
        model_id=record["model_id"],
        config=copy_of(record["config"]),
        revision=record["revision"],
        resolved_at=_time(record["resolved_at"]),
    )


def catalog_record(entry: CatalogEntry) -> dict[str, Any]:
    """The record that keeps this entry."""
    return {
        "model_id": entry.model_id,
        "revision": entry.revision,
        "resolved_at": entry.resolved_at.isoformat(),
        "config": entry.config,
    }


def _version(record: dict[str, Any], model_id: str, submitted_at: datetime) -> StoredConfig:
    return StoredConfig(
        model_id=model_id,
        config=record["config"],
        submitted_at=submitted_at,
        updated_at=_time(record["updated_at"]),
        version=record["version"],
        source_format=record["source_format"],
        is_verified=record["is_verified"],
        published_parameters=record["published_parameters"],
        contributor=record["contributor"],
    )


def _version_record(version: StoredConfig) -> dict[str, Any]:
    return {
        "version": version.version,
        "updated_at": version.updated_at.isoformat(),
        "source_format": version.source_format,
        "is_verified": version.is_verified,
        "published_parameters": version.published_parameters,
        "contributor": version.contributor,
        "config": version.config,
    }


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)
