"""Configs to a file and from one, in the layout of the store itself: a copy of a store can be imported as well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
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

MAX_IMPORT_BYTES: Final = 64 << 20
"""Room for some 30,000 configs; a hostile file of that size takes 1.5 GB of memory while it is parsed."""

_ELSEWHERE: Final = "name another file"


@dataclass(frozen=True)
class Import:
    """What a file offers: for each model the versions that passed the checks, and what didn't."""

    offered: tuple[Versions, ...]
    rejected: tuple[RejectedConfig, ...]


def export(session: Session, schema: Schema, model_ids: Iterable[str] | None, *, path: Path) -> bytes:
    """The pasted configs with their history, of all models or of these.

    Raises:
        StoreError: There is none for one of the models.
    """
    configs = session.tables.get(CONFIGS_TABLE, {})
    if model_ids is not None:
        configs = {str(document_id(model_id)): _exported(session, model_id, path) for model_id in model_ids}
    return layout.encode({CONFIGS_TABLE: configs}, schema)


def _exported(session: Session, model_id: str, path: Path) -> dict[str, Any]:
    record = session.get(CONFIGS_TABLE, model_id)
    if record is None:
        raise StoreError(
            f"No config was pasted for {model_id}.",
            path=str(path),
            model_id=model_id,
            next_step="Submit one, or leave this model out.",
        )
    return record


def write_export(path: Path, session: Session, schema: Schema, model_ids: Iterable[str] | None = None) -> int:
    """Write pasted configs with their history to a file, all or those of some models; how many these are.

    Raises:
        StoreError: The file can't be written; one that was there is still there.
    """
    named = None if model_ids is None else tuple(dict.fromkeys(model_ids))
    content = export(session, schema, named, path=path)
    with store_errors(path, doing="written", elsewhere=_ELSEWHERE):
        files.replace(path, content)
    return len(session.tables.get(CONFIGS_TABLE, {}) if named is None else named)


def read_file(path: Path) -> bytes:
    """The content of a file to import, and little more of it than may be imported.

    Raises:
        StoreError: There is no such file, or it can't be read.
    """
    with store_errors(path, doing="read", elsewhere=_ELSEWHERE):
        found = files.read(path, limit_bytes=MAX_IMPORT_BYTES + 1)
    if found is None:
        raise StoreError(f"There is no file {path}.", path=str(path), next_step="Check the path.")
    return found[0]


def imported_from(source_name: str) -> str:
    """What stands as the contributor of configs from a file: its name without its folder, which is nobody's business.

    Example:
        >>> imported_from("/home/jane/team.json")
        'imported from team.json'
    """
    return f"imported from {PurePath(source_name).name or source_name}"


def read_import(  # noqa: PLR0913 - what an import depends on, each by name
    content: bytes, schema: Schema, *, check: Check | None, contributor: str, source_name: str, now: datetime
) -> Import:
    """Read an exported file, or a copy of a store, and check every config in it.

    Raises:
        StoreError: It is no store, or too large.
    """
    if len(content) > MAX_IMPORT_BYTES:
        raise _refused(source_name, f"it is larger than {MAX_IMPORT_BYTES >> 20} MiB", "Export fewer models at a time.")
    try:
        decoded = layout.decode(content, path=source_name, schema=schema)
    except layout.DamagedFileError as damage:
        raise _refused(source_name, str(damage), "Export the configs again.") from None
    unreadable = tuple(RejectedConfig(name, "Its record can't be read.") for name in decoded.unreadable)
    records = decoded.tables.get(CONFIGS_TABLE, {}).values()
    offer = _checked((_unverified(not_after(versions_of(record), now), contributor) for record in records), check)
    return replace(offer, rejected=unreadable + offer.rejected)


def _refused(source_name: str, reason: str, next_step: str) -> StoreError:
    return StoreError(f"Nothing was imported from {source_name}: {reason}.", path=source_name, next_step=next_step)


def _unverified(versions: Versions, contributor: str) -> Versions:
    # Anyone may have written the file: what it says about the Hub's numbers, or about itself, proves nothing.
    return tuple(
        replace(version, is_verified=False, published_parameters=None, contributor=contributor) for version in versions
    )


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
