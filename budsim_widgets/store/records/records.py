"""The records of the file that keep the values, by the id of their model."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import ModelIdError
from budsim_widgets.store.records import packing
from budsim_widgets.store.records.clock import parse_time
from budsim_widgets.store.records.lineage import content_id, with_lineage
from budsim_widgets.store.records.plain_json import copy_of
from budsim_widgets.store.records.values import CatalogEntry, StoredConfig, Versions

if TYPE_CHECKING:
    from datetime import datetime


def document_id(model_id: str) -> int:
    """The id of a model's document: the same in every process, and for every spelling in upper or lower case.

    128 bits of a hash, so that no two models ever share one.
    """
    key = model_id.strip().casefold().encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(key).digest()[:16], "big")


def normalize_id(model_id: str) -> str:
    """The id without blanks around it.

    Raises:
        ModelIdError: Nothing is left.
    """
    normalized = model_id.strip()
    if not normalized:
        raise ModelIdError("A config is kept under the id of its model.", next_step="Name the model.")
    return normalized


def newest_version(record: dict[str, Any]) -> StoredConfig:
    """The config of a record that counts now; shares its `config` with the record."""
    return _version(record, record["model_id"], parse_time(record["submitted_at"]))


def versions_of(record: dict[str, Any]) -> Versions:
    """All that a record keeps, the newest first; shares their `config`s with the record.

    Raises:
        DamagedHistoryError: The earlier ones can't be read.
    """
    newest = newest_version(record)
    earlier = packing.unpacked(record["history"], model_id=newest.model_id)
    return with_lineage((newest, *(_version(item, newest.model_id, newest.submitted_at) for item in earlier)))


def record_of(versions: Versions) -> dict[str, Any]:
    """The record that keeps these versions, the earlier ones packed."""
    record = readable_record_of(versions)
    return {**record, "history": packing.packed(record["history"])}


def readable_record_of(versions: Versions) -> dict[str, Any]:
    """The same as people can read it."""
    newest = versions[0]
    records: list[dict[str, Any]] = []
    made_before: tuple[str, ...] = ()
    depth_before = 0
    for version in reversed(versions):
        usual = (max(version.version, depth_before + 1), made_before)
        records.append(_version_record(version, usual_lineage=usual))
        made_before, depth_before = (content_id(version.config),), version.counter or usual[0]
    records.reverse()
    return {
        "model_id": newest.model_id,
        "submitted_at": newest.submitted_at.isoformat(),
        **records[0],
        "history": records[1:],
    }


def catalog_entry(record: dict[str, Any]) -> CatalogEntry:
    """The entry that a record of the catalog keeps, with a config of the caller's own."""
    return CatalogEntry(
        model_id=record["model_id"],
        config=copy_of(record["config"]),
        revision=record["revision"],
        resolved_at=parse_time(record["resolved_at"]),
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
        updated_at=parse_time(record["updated_at"]),
        version=record["version"],
        source_format=record["source_format"],
        is_verified=record["is_verified"],
        published_parameters=record["published_parameters"],
        contributor=record["contributor"],
        author=record.get("author"),
        counter=record.get("counter"),
        made_from=_made_from(record),
        place=record.get("place"),
        copied_from=record.get("copied_from"),
    )


def _made_from(record: dict[str, Any]) -> tuple[str, ...] | None:
    parents = record.get("made_from")
    return None if parents is None else tuple(parents)


def _version_record(version: StoredConfig, *, usual_lineage: tuple[int, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "version": version.version,
        "updated_at": version.updated_at.isoformat(),
        "source_format": version.source_format,
        "is_verified": version.is_verified,
        "published_parameters": version.published_parameters,
        "contributor": version.contributor,
        **({} if version.copied_from is None else {"copied_from": version.copied_from}),
        **_lineage_record(version, *usual_lineage),
        "config": version.config,
    }


def _lineage_record(version: StoredConfig, depth: int, made_before: tuple[str, ...]) -> dict[str, Any]:
    """Where it comes from, as far as `with_lineage` wouldn't tell it anyway."""
    known: dict[str, Any] = {
        "author": version.author,
        "counter": None if version.counter == depth else version.counter,
        "made_from": None if version.made_from in (None, made_before) else list(version.made_from or ()),
        "place": version.place,
    }
    return {name: value for name, value in known.items() if value is not None}
