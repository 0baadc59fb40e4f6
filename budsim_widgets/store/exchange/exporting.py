"""Configs to a file, in the layout of the store itself, with their history as people can read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import StoreError
from budsim_widgets.regular_files import check_regular
from budsim_widgets.store.base import OpenStore
from budsim_widgets.store.file import atomic, layout, temporaries
from budsim_widgets.store.file.location import absolute
from budsim_widgets.store.file.os_errors import store_errors
from budsim_widgets.store.file.schema import CONFIGS_TABLE
from budsim_widgets.store.records.records import document_id, readable_record_of, versions_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from budsim_widgets.store.file.session import Session


class Exports(OpenStore):
    """A store's part that gives configs to others."""

    def export_file(self, path: str | os.PathLike[str], model_ids: Iterable[str] | None = None) -> int:
        """Write pasted configs with their history to a file, in place of one that is there.

        Args:
            path: The file. A link, a pipe or a device is none, and stays as it is.
            model_ids: Which models' configs; None: all.

        Returns:
            How many models' configs these are.

        Raises:
            StoreError: No config was pasted for one of these models, or the file can't be written.
        """
        target = absolute(path)
        self._refuse_own(target)
        configs = self._configs(model_ids)
        with store_errors(target, doing="written", elsewhere="name another file"):
            check_regular(Path(path).expanduser())  # `target` is where a link leads
            temporaries.sweep(target)
            atomic.replace(target, layout.encode({CONFIGS_TABLE: configs}, self._schema))
        return len(configs)

    def export_bytes(self, model_ids: Iterable[str] | None = None) -> bytes:
        """What `export_file` writes, for all models or only for these.

        Raises:
            StoreError: No config was pasted for one of these models.
        """
        return layout.encode({CONFIGS_TABLE: self._configs(model_ids)}, self._schema)

    def _refuse_own(self, target: Path) -> None:
        if target in {self.path, *self._file.lock_paths}:
            what = "the store itself" if target == self.path else "a file of the store's lock"
            raise StoreError(f"{target} is {what}.", path=str(target), next_step="Name another file for the export.")

    def _configs(self, model_ids: Iterable[str] | None) -> dict[str, dict[str, Any]]:
        if model_ids is None:
            return self._file.ask(_all_configs)
        wanted = tuple(model_ids)
        return self._file.ask(lambda session: self._configs_of(session, wanted))

    def _configs_of(self, session: Session, model_ids: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        records = {model_id: session.get(CONFIGS_TABLE, model_id) for model_id in model_ids}
        missing = next((model_id for model_id, record in records.items() if record is None), None)
        if missing is not None:
            raise StoreError(
                f"No config was pasted for {missing}.",
                path=str(self.path),
                model_id=missing,
                next_step="Submit one, or leave this model out.",
            )
        return {str(document_id(model_id)): _readable(record) for model_id, record in records.items() if record}


def _all_configs(session: Session) -> dict[str, dict[str, Any]]:
    return {key: _readable(record) for key, record in session.tables.get(CONFIGS_TABLE, {}).items()}


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    return readable_record_of(versions_of(record))
