"""Configs of a store as a file that others can read, and files of others merged into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.store.exchange import exporting, importing
from budsim_widgets.store.exchange.import_checks import Checks

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from budsim_widgets.store.exchange.import_checks import Check, CheckId, Contributor, Through
    from budsim_widgets.store.file.store_file import StoreFile
    from budsim_widgets.store.records.values import ImportSummary


class ConfigExchange:
    """Exports and imports the configs of one file.

    Args:
        file: The file of the store.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file

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
        return exporting.export_file(self._file, path, model_ids)

    def export_bytes(self, model_ids: Iterable[str] | None = None) -> bytes:
        """What `export_file` writes, for all models or only for these.

        Raises:
            StoreError: No config was pasted for one of these models.
        """
        return exporting.export_bytes(self._file, model_ids)

    def import_file(
        self,
        path: str | os.PathLike[str],
        *,
        check: Check | None = None,
        check_id: CheckId | None = None,
        contributor: Contributor | None = None,
    ) -> ImportSummary:
        """Merge an exported file, or a copy of a store: the later edit of a model counts, the others are history.

        Args:
            path: The file; it is only read.
            check: Called with each config; a `ConfigError` that it raises keeps that config out.
            check_id: Called with the id of each model; a `ModelIdError` that it raises keeps the model out.
            contributor: From whom the configs came; by default `imported from` the name of the file.

        Returns:
            What became of each model.

        Raises:
            StoreError: There is no such file, it is no export, or larger than 64 MiB.
        """
        checks = Checks(config=check, model_id=check_id)
        return importing.import_file(self._file, path, checks=checks, contributor=contributor)

    def import_bytes(  # noqa: PLR0913 - all that an import depends on, each by name
        self,
        content: bytes,
        *,
        check: Check | None = None,
        check_id: CheckId | None = None,
        contributor: Contributor | None = None,
        source_name: str = importing.ANY_FILE,
        through: Through = iter,
    ) -> ImportSummary:
        """Merge what `export_bytes` gave, here or elsewhere, as `import_file` does; `source_name` is for messages.

        From whom they came may also be told for each version, by a function. `through` goes through the models while
        they are checked; what it raises ends it before anything is changed.
        """
        checks = Checks(config=check, model_id=check_id, through=through)
        return importing.import_bytes(
            self._file, content, checks=checks, contributor=contributor, source_name=source_name
        )
