"""ConfigStore: the configs that people pasted, and those that were resolved before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import ModelIdError, StoreError
from budsim_widgets.store import exchange, schema
from budsim_widgets.store.location import resolve_path
from budsim_widgets.store.plain_json import to_plain_json
from budsim_widgets.store.records import (
    CATALOG_TABLE,
    CONFIGS_TABLE,
    CatalogEntry,
    ImportSummary,
    StoredConfig,
    StoredConfigs,
    Versions,
    catalog_entry,
    catalog_record,
    for_caller,
    newest_version,
    record_of,
    versions_of,
)
from budsim_widgets.store.store_file import StoreFile
from budsim_widgets.store.versions import submitted

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from budsim_widgets.store.session import Session


class ConfigStore:
    """Configs kept in one TinyDB file that several kernels may write at once.

    What a method has returned from is on the disk. Models are found whatever the case of their id. Nothing is read or
    written before the first question.

    Args:
        path: The file, or a folder for the `configs.json` in it; by default `$BUDSIM_STORE`, or else `configs.json` in
            the user's data folder.
        lock_timeout_seconds: How long a change waits for another kernel's.

    Example:
        >>> store = ConfigStore("configs.json")                                     # doctest: +SKIP
        >>> store.put("meta-llama/Llama-3.1-8B", {"model_type": "llama"}).version   # doctest: +SKIP
        1

    Every method may raise a `StoreError`, with the next step in it; what was stored before is then still there.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, lock_timeout_seconds: float = 10.0) -> None:
        self._schema = schema.CURRENT
        self._file = StoreFile(
            resolve_path(path), lock_timeout_seconds=lock_timeout_seconds, layout_schema=self._schema
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def reads(self) -> int:
        """How often the file was read so far: a question about an unchanged file reads nothing."""
        return self._file.reads

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about the store, such as that a damaged file was set aside."""
        return self._file.notices

    def get(self, model_id: str) -> StoredConfig | None:
        """The config that was pasted for a model, or None."""
        record = self._file.view().get(CONFIGS_TABLE, model_id)
        return None if record is None else for_caller(newest_version(record))

    def put(  # noqa: PLR0913 - what is known of a paste, each by name
        self,
        model_id: str,
        config: Mapping[str, Any],
        *,
        source_format: str = "json",
        is_verified: bool = False,
        published_parameters: int | None = None,
        contributor: str | None = None,
    ) -> StoredConfig:
        """Keep a pasted config. The one before becomes history; the time of the first submission stays.

        The same config again makes no new version.

        Args:
            model_id: The model.
            config: Its config.
            source_format: What was pasted, such as `json`.
            is_verified: Whether its parameter count agrees with what the Hub publishes.
            published_parameters: What the Hub publishes.
            contributor: From whom it came, for people to read; None if it was submitted here.

        Raises:
            ModelIdError: The id is blank.
            ConfigError: The config is no plain JSON object.
        """
        now = utc_now()
        new = StoredConfig(
            model_id=_named(model_id),
            config=to_plain_json(config, model_id=model_id),
            submitted_at=now,
            updated_at=now,
            version=1,
            source_format=source_format,
            is_verified=is_verified,
            published_parameters=published_parameters,
            contributor=contributor,
        )
        return self._file.change(lambda session: _kept(session, submitted(_versions(session, model_id), new)))

    def delete(self, model_id: str) -> bool:
        """Forget the pasted config of a model with its history; whether there was one."""
        return self._file.change(lambda session: session.delete(CONFIGS_TABLE, model_id))

    def list(self) -> StoredConfigs:
        """The pasted configs of all models, by model id."""
        stored = (for_caller(newest_version(record)) for record in self._file.view().all(CONFIGS_TABLE))
        return sorted(stored, key=lambda config: config.model_id.casefold())

    def browse(self) -> Iterator[StoredConfig]:
        """The configs of `list` without a copy each and in no order, to look through thousands of them.

        Their `config` is the store's own: read it, never change it.
        """
        return map(newest_version, self._file.view().all(CONFIGS_TABLE))

    def history(self, model_id: str) -> StoredConfigs:
        """The earlier configs that were pasted for a model, the newest first."""
        versions = _versions(self._file.view(), model_id) or ()
        return [for_caller(version) for version in versions[1:]]

    def restore(self, model_id: str, version: int) -> StoredConfig:
        """Make an earlier config count again, as a new version.

        Raises:
            StoreError: This version isn't kept.
        """

        def operation(session: Session) -> StoredConfig:
            versions = _versions(session, model_id) or ()
            found = next((kept for kept in versions if kept.version == version), None)
            if found is None:
                raise self._no_version(model_id, version, versions)
            return _kept(session, submitted(versions, replace(found, updated_at=utc_now())))

        return self._file.change(operation)

    def set_verified(
        self,
        model_id: str,
        is_verified: bool,  # noqa: FBT001 - what the method's name asks for
        published_parameters: int | None = None,
        *,
        version: int | None = None,
    ) -> StoredConfig | None:
        """Note whether the parameter count of a pasted config agrees with what the Hub publishes.

        Args:
            model_id: The model.
            is_verified: Whether it does.
            published_parameters: What the Hub publishes.
            version: The version that was compared; if another one counts by now, nothing is noted.

        Returns:
            The config as noted, or None where there is no such one.
        """

        def operation(session: Session) -> StoredConfig | None:
            versions = _versions(session, model_id)
            if versions is None or version not in (None, versions[0].version):
                return None
            newest = replace(versions[0], is_verified=is_verified, published_parameters=published_parameters)
            return _kept(session, (newest, *versions[1:]))

        return self._file.change(operation)

    def export_file(self, path: str | os.PathLike[str], model_ids: Iterable[str] | None = None) -> int:
        """Write pasted configs with their history to a file, in place of one that is there.

        Args:
            path: The file.
            model_ids: Which models' configs; None: all.

        Returns:
            How many models' configs these are.
        """
        target = Path(path).expanduser().resolve()
        if target == self.path:
            raise StoreError(
                f"{target} is the store itself.", path=str(target), next_step="Name another file for the export."
            )
        return exchange.write_export(target, self._file.view(), self._schema, model_ids)

    def export_bytes(self, model_ids: Iterable[str] | None = None) -> bytes:
        """What `export_file` writes, for all models or only for these.

        Raises:
            StoreError: No config was pasted for one of these models.
        """
        return exchange.export(self._file.view(), self._schema, model_ids, path=self.path)

    def import_file(self, path: str | os.PathLike[str], *, check: exchange.Check | None = None) -> ImportSummary:
        """Merge an exported file, or a copy of a store: the newer config of a model counts, the older is history.

        Args:
            path: The file; it is only read.
            check: Called with each config; a `ConfigError` that it raises keeps that config out.

        Returns:
            What became of each model.
        """
        source = Path(path).expanduser().resolve()
        return self.import_bytes(exchange.read_file(source), check=check, source_name=str(source))

    def import_bytes(
        self,
        content: bytes,
        *,
        check: exchange.Check | None = None,
        contributor: str | None = None,
        source_name: str = "a file",
    ) -> ImportSummary:
        """Merge what `export_bytes` gave, here or elsewhere: the newer config of a model counts, the older is history.

        No config counts as verified because the file says so: `set_verified` notes it once the Hub was asked.

        Args:
            content: The content of the file.
            check: Called with each config; a `ConfigError` that it raises keeps that config out.
            contributor: From whom the configs came; by default `imported from` the source's name.
            source_name: What messages call the file.

        Returns:
            What became of each model.

        Raises:
            StoreError: It is no export, or larger than 64 MiB.
        """
        offer = exchange.read_import(
            content,
            self._schema,
            check=check,
            contributor=contributor or exchange.imported_from(source_name),
            source_name=source_name,
            now=utc_now(),
        )
        return self._file.change(lambda session: exchange.apply_import(session, offer))

    def get_catalogued(self, model_id: str) -> CatalogEntry | None:
        """The config that the Hub gave for a model before, or None."""
        record = self._file.view().get(CATALOG_TABLE, model_id)
        return None if record is None else catalog_entry(record)

    def put_catalogued(self, model_id: str, config: Mapping[str, Any], revision: str | None) -> CatalogEntry:
        """Keep a config that the Hub gave, with the commit that it came from; the one before is forgotten.

        Raises:
            ModelIdError: The id is blank.
            ConfigError: The config is no plain JSON object.
        """
        plain = to_plain_json(config, model_id=model_id)
        record = catalog_record(
            CatalogEntry(model_id=_named(model_id), config=plain, revision=revision, resolved_at=utc_now())
        )
        self._file.change(lambda session: session.put(CATALOG_TABLE, record))
        return catalog_entry(record)

    def _no_version(self, model_id: str, version: int, kept: Versions) -> StoreError:
        numbers = ", ".join(str(one.version) for one in kept)
        return StoreError(
            f"There is no version {version} of the config of {model_id}.",
            path=str(self.path),
            model_id=model_id,
            next_step=f"These are kept: {numbers}." if kept else "No config was pasted for this model.",
        )


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(timezone.utc)


def _named(model_id: str) -> str:
    named = model_id.strip()
    if not named:
        raise ModelIdError("A config is kept under the id of its model.", next_step="Name the model.")
    return named


def _versions(session: Session, model_id: str) -> Versions | None:
    record = session.get(CONFIGS_TABLE, model_id)
    return None if record is None else versions_of(record)


def _kept(session: Session, versions: Versions) -> StoredConfig:
    session.put(CONFIGS_TABLE, record_of(versions))
    return for_caller(versions[0])
