"""Configs to a file, in the layout of the store itself, with their history as people can read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import StoreError
from budsim_widgets.regular_files import check_regular
from budsim_widgets.store.file import atomic, layout, temporaries
from budsim_widgets.store.file.location import absolute
from budsim_widgets.store.file.os_errors import or_another_file, store_errors
from budsim_widgets.store.records.lookup import no_config
from budsim_widgets.store.records.records import document_id, readable_record_of, versions_of
from budsim_widgets.store.records.schema import CONFIGS_TABLE

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from budsim_widgets.store.file.session import Session
    from budsim_widgets.store.file.store_file import StoreFile


def export_file(file: StoreFile, path: str | os.PathLike[str], model_ids: Iterable[str] | None) -> int:
    """Write pasted configs to a file; see `ConfigStore.export_file`."""
    target = absolute(path)
    _refuse_own(target, file)
    configs = _configs(file, model_ids)
    with store_errors(target, doing="written", or_otherwise=or_another_file):
        check_regular(Path(path).expanduser())  # `target` is where a link leads
        temporaries.sweep(target)
        atomic.replace(target, layout.encode({CONFIGS_TABLE: configs}, file.schema))
    return len(configs)


def export_bytes(file: StoreFile, model_ids: Iterable[str] | None) -> bytes:
    """What `export_file` writes; see `ConfigStore.export_bytes`."""
    return layout.encode({CONFIGS_TABLE: _configs(file, model_ids)}, file.schema)


def _refuse_own(target: Path, file: StoreFile) -> None:
    if target in {file.path, *file.lock_paths}:
        what = "the store itself" if target == file.path else "a file of the store's lock"
        raise StoreError(f"{target} is {what}.", path=str(target), next_step="Name another file for the export.")


def _configs(file: StoreFile, model_ids: Iterable[str] | None) -> dict[str, dict[str, Any]]:
    if model_ids is None:
        return file.query(_all_configs)
    wanted = tuple(model_ids)
    return file.query(lambda session: _configs_of(session, wanted, file.path))


def _configs_of(session: Session, model_ids: tuple[str, ...], path: Path) -> dict[str, dict[str, Any]]:
    records = {model_id: session.get(CONFIGS_TABLE, model_id) for model_id in model_ids}
    missing = next((model_id for model_id, record in records.items() if record is None), None)
    if missing is not None:
        raise no_config(missing, path=path)
    return {str(document_id(model_id)): _readable(record) for model_id, record in records.items() if record}


def _all_configs(session: Session) -> dict[str, dict[str, Any]]:
    return {key: _readable(record) for key, record in session.tables.get(CONFIGS_TABLE, {}).items()}


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    return readable_record_of(versions_of(record))
