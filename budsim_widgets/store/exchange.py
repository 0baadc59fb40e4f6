"""Configs to a file and from one, in the layout of the store itself: a copy of a store can be imported as well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from budsim_widgets.errors import ConfigError, StoreError
from budsim_widgets.store import files, layout
from budsim_widgets.store.faults import store_errors
from budsim_widgets.store.plain_json import MAX_DEPTH, copy_of, is_deeper_than
from budsim_widgets.store.records import (
    CONFIGS_TABLE,
    ImportSummary,
    RejectedConfig,
    StoredConfig,
    Versions,
    document_id,
    record_of,
    versions_of,
)
from budsim_widgets.store.versions import bounded, merged, not_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from budsim_widgets.store.schema import Schema
    from budsim_widgets.store.session import Session

    Check: TypeAlias = Callable[[dict[str, Any]], object]

_ELSEWHERE: Final = "name another file"


@dataclass(frozen=True)
class Import:
    """What a file offers: for each model the versions that passed the checks, and what didn't."""

    offered: tuple[Versions, ...]
    rejected: tuple[RejectedConfig, ...]


def write_export(path: Path, session: Session, schema: Schema) -> int:
    """Write all pasted configs with their history to a file; how many models these are.

    Raises:
        StoreError: The file can't be written; one that was there is still there.
    """
    tables = {CONFIGS_TABLE: session.tables.get(CONFIGS_TABLE, {})}
    with store_errors(path, doing="written", elsewhere=_ELSEWHERE):
        files.replace(path, layout.encode(tables, schema))
    return len(tables[CONFIGS_TABLE])


def read_import(path: Path, schema: Schema, *, check: Check | None, now: datetime) -> Import:
    """Read an exported file, or a copy of a store, and check every config in it.

    Raises:
        StoreError: There is no such file, or it is no store.
    """
    with store_errors(path, doing="read", elsewhere=_ELSEWHERE):
        found = files.read(path)
    if found is None:
        raise StoreError(f"There is no file {path}.", path=str(path), next_step="Check the path.")
    try:
        content = layout.decode(found[0], path=path, schema=schema)
    except layout.DamagedFileError as damage:
        raise StoreError(
            f"{path} can't be imported: {damage}.", path=str(path), next_step="Export the configs again."
        ) from None
    unreadable = tuple(RejectedConfig(name, "Its record can't be read.") for name in content.unreadable)
    records = content.tables.get(CONFIGS_TABLE, {}).values()
    offer = _checked((not_after(versions_of(record), now) for record in records), check)
    return replace(offer, rejected=unreadable + offer.rejected)


def apply_import(session: Session, offer: Import) -> ImportSummary:
    """Merge what was offered into the store: the newer config counts, the older becomes history."""
    ids: dict[str, list[str]] = {"added": [], "updated": [], "kept": []}
    changed: dict[int, Versions] = {}
    for versions in offer.offered:
        key = document_id(versions[0].model_id)
        kept = changed.get(key) or _kept(session, versions[0].model_id)
        result = bounded(versions) if kept is None else merged(kept, versions)
        if result is not None:
            changed[key] = result
        ids[_outcome(kept, result)].append(versions[0].model_id)
    if changed:
        session.put(CONFIGS_TABLE, *map(record_of, changed.values()))
    return ImportSummary(**{name: tuple(values) for name, values in ids.items()}, rejected=offer.rejected)


def _kept(session: Session, model_id: str) -> Versions | None:
    record = session.get(CONFIGS_TABLE, model_id)
    return None if record is None else versions_of(record)


def _outcome(kept: Versions | None, result: Versions | None) -> str:
    if kept is None:
        return "added"
    return "kept" if result is None or result[0].config is kept[0].config else "updated"


def _checked(offered: Iterable[Versions], check: Check | None) -> Import:
    accepted: list[Versions] = []
    rejected: list[RejectedConfig] = []
    for newest, *earlier in offered:
        reason = _reason_against(newest, check)
        if reason is not None:
            rejected.append(RejectedConfig(newest.model_id, reason))
            continue
        reasons = {version.version: _reason_against(version, check) for version in earlier}
        accepted.append((newest, *(version for version in earlier if reasons[version.version] is None)))
        rejected += (
            RejectedConfig(newest.model_id, f"Its earlier version {number}: {reason}")
            for number, reason in reasons.items()
            if reason is not None
        )
    return Import(tuple(accepted), tuple(rejected))


def _reason_against(version: StoredConfig, check: Check | None) -> str | None:
    if is_deeper_than(MAX_DEPTH, version.config):
        return f"It is nested more than {MAX_DEPTH} levels deep."
    if check is None:
        return None
    try:
        check(copy_of(version.config))
    except ConfigError as error:
        return error.message
    return None
