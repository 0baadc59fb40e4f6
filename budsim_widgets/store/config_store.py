"""ConfigStore: the configs that people pasted, with their history, and those that the Hub gave before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budsim_widgets.store.catalog import Catalog
from budsim_widgets.store.exchange.config_exchange import ConfigExchange
from budsim_widgets.store.file.location import resolve_path
from budsim_widgets.store.file.store_file import StoreFile
from budsim_widgets.store.preferences import Preferences
from budsim_widgets.store.records import clock, schema
from budsim_widgets.store.records.lookup import version_among
from budsim_widgets.store.records.plain_json import to_plain_json
from budsim_widgets.store.records.records import newest_version, normalize_id
from budsim_widgets.store.records.schema import CONFIGS_TABLE
from budsim_widgets.store.records.values import StoredConfig, as_label, for_caller
from budsim_widgets.store.records.versions import submitted
from budsim_widgets.store.team_records import TeamRecords, forget, no_longer_forgotten

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from budsim_widgets.store.file.session import Session
    from budsim_widgets.store.records.values import StoredConfigs, Versions


class ConfigStore(ConfigExchange):
    """Configs kept in one TinyDB file that several kernels may write at once.

    What a method has returned from is on the disk. Models are found whatever the case of their id. Nothing is read or
    written before the first call.

    Args:
        path: The file, or a folder for the `configs.json` in it; by default `$BUDSIM_STORE`, or else `configs.json` in
            the user's data folder.
        lock_timeout_seconds: How long a change waits for another kernel's.

    Attributes:
        catalog: The configs that the Hub gave.
        preferences: What was chosen last time.
        teams: What is remembered about teams' repositories.

    Example:
        >>> store = ConfigStore("configs.json")                                     # doctest: +SKIP
        >>> store.put("meta-llama/Llama-3.1-8B", {"model_type": "llama"}).version   # doctest: +SKIP
        1

    Every method may raise a `StoreError`, with the next step in it; what was stored before is then still there.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, lock_timeout_seconds: float = 10.0) -> None:
        super().__init__(StoreFile(resolve_path(path), schema.CURRENT, lock_timeout_seconds=lock_timeout_seconds))
        self.catalog = Catalog(self._file)
        self.preferences = Preferences(self._file)
        self.teams = TeamRecords(self._file)

    def __repr__(self) -> str:
        return f"ConfigStore({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def reads(self) -> int:
        """How often the file was read so far: an unchanged file isn't read again."""
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
        copied_from: str | None = None,
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
            copied_from: The model whose config it is, where it was taken from another one.

        Raises:
            ModelIdError: The id is blank.
            ConfigError: The config is no plain JSON object.
        """
        now = clock.utc_now()
        new = StoredConfig(
            model_id=normalize_id(model_id),
            config=to_plain_json(config, model_id=model_id),
            submitted_at=now,
            updated_at=now,
            version=1,
            source_format=source_format,
            is_verified=is_verified,
            published_parameters=published_parameters,
            contributor=None if contributor is None else as_label(contributor),
            copied_from=copied_from,
        )

        def operation(session: Session) -> StoredConfig:
            no_longer_forgotten(session, [new.model_id])
            return session.put_versions(submitted(session.versions(model_id), new))

        return self._file.change(operation)

    def delete(self, model_id: str) -> bool:
        """Forget the pasted config of a model with its history; whether there was one.

        That it was forgotten is remembered: syncing with a team doesn't bring it back unasked.
        """
        return self._file.change(lambda session: forget(session, model_id))

    def list(self) -> StoredConfigs:
        """The pasted configs of all models, by model id."""
        return sorted(map(for_caller, self.browse()), key=lambda config: config.model_id.casefold())

    def browse(self) -> Iterator[StoredConfig]:
        """The configs of `list` without a copy each and in no order, to look through thousands of them.

        Their `config` is the store's own: read it, never change it.
        """
        return map(newest_version, self._file.view().all(CONFIGS_TABLE))

    def history(self, model_id: str) -> StoredConfigs:
        """The earlier configs that were pasted for a model, the newest first."""
        return list(self.versions(model_id)[1:])

    def versions(self, model_id: str) -> Versions:
        """The configs that were pasted for a model, the newest first; nothing where there is none."""
        return tuple(map(for_caller, self._versions(model_id)))

    def version(self, model_id: str, number: int | None = None) -> StoredConfig:
        """One of the configs that were pasted for a model; None: the one that counts now.

        Raises:
            StoreError: It isn't kept.
        """
        return for_caller(version_among(self._versions(model_id), model_id, number, path=self.path))

    def restore(self, model_id: str, version: int) -> StoredConfig:
        """Make an earlier config count again, as a new version.

        Raises:
            StoreError: This version isn't kept.
        """

        def operation(session: Session) -> StoredConfig:
            versions = session.versions(model_id)
            found = version_among(versions, model_id, version, path=self.path)
            return session.put_versions(submitted(versions, replace(found, updated_at=clock.utc_now())))

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
            versions = session.versions(model_id)
            if not versions or version not in (None, versions[0].version):
                return None
            newest = replace(versions[0], is_verified=is_verified, published_parameters=published_parameters)
            return session.put_versions((newest, *versions[1:]))

        return self._file.change(operation)

    def _versions(self, model_id: str) -> Versions:
        return self._file.query(lambda session: session.versions(model_id))
