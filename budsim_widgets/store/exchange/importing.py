"""Configs from an exported file, or from a copy of a store, merged into this one.

An import is as good or bad as whoever wrote the file. Its size, its depth, its times and each of its records are
checked, and no config counts as verified because the file says so: `set_verified` notes it once the Hub was asked.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import StoreError
from budsim_widgets.store.exchange.import_checks import MAX_IMPORT_BYTES, check_import
from budsim_widgets.store.file import atomic
from budsim_widgets.store.file.location import absolute
from budsim_widgets.store.file.os_errors import or_another_file, store_errors
from budsim_widgets.store.records import clock
from budsim_widgets.store.records.lineage import config_key
from budsim_widgets.store.records.records import record_of
from budsim_widgets.store.records.schema import CONFIGS_TABLE
from budsim_widgets.store.records.values import ImportSummary, Versions
from budsim_widgets.store.records.versions import merged
from budsim_widgets.store.team_records import no_longer_forgotten

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from budsim_widgets.store.exchange.import_checks import CheckedImport, Checks, Contributor
    from budsim_widgets.store.file.session import Session
    from budsim_widgets.store.file.store_file import StoreFile

ANY_FILE: Final = "a file"
"""What messages call a file without a name."""


def import_file(
    file: StoreFile, path: str | os.PathLike[str], *, checks: Checks, contributor: Contributor | None
) -> ImportSummary:
    """Merge an exported file into a store; see `ConfigStore.import_file`."""
    source = absolute(path)
    return import_bytes(file, _content(source), checks=checks, contributor=contributor, source_name=str(source))


def import_bytes(
    file: StoreFile, content: bytes, *, checks: Checks, contributor: Contributor | None, source_name: str
) -> ImportSummary:
    """Merge the content of an exported file into a store; see `ConfigStore.import_bytes`."""
    checked = check_import(
        content,
        file.schema,
        source_name=source_name,
        checks=checks,
        contributor=contributor or _imported_from(source_name),
        now=clock.utc_now(),
    )
    return file.change(lambda session: _merge(session, checked))


def _content(path: Path) -> bytes:
    with store_errors(path, doing="read", or_otherwise=or_another_file):
        found = atomic.read(path, limit_bytes=MAX_IMPORT_BYTES + 1)
    if found is None:
        raise StoreError(f"There is no file {path}.", path=str(path), next_step="Check the path.")
    return found[0]


def _imported_from(source_name: str) -> str:
    # Without its folder, which is nobody's business.
    return f"imported from {PurePath(source_name).name or ANY_FILE}"


def _merge(session: Session, checked: CheckedImport) -> ImportSummary:
    ids: dict[str, list[str]] = {"added": [], "updated": [], "kept": []}
    changed: list[Versions] = []
    for imported in checked.configs:
        model_id = imported[0].model_id
        kept = session.versions(model_id)
        result = merged(kept, imported) if kept else imported
        if result is not None:
            changed.append(result)
        ids[_outcome(kept, result)].append(model_id)
    if changed:
        session.put(CONFIGS_TABLE, *map(record_of, changed))
        no_longer_forgotten(session, [versions[0].model_id for versions in changed])
    return ImportSummary(**{name: tuple(values) for name, values in ids.items()}, rejected=checked.rejected)


def _outcome(kept: Versions, result: Versions | None) -> str:
    if not kept:
        return "added"
    return "kept" if result is None or config_key(result[0].config) == config_key(kept[0].config) else "updated"
