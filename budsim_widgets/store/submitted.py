"""The configs that people pasted, with their history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budsim_widgets.errors import StoreError
from budsim_widgets.store.base import OpenStore, kept_versions, named
from budsim_widgets.store.file.schema import CONFIGS_TABLE
from budsim_widgets.store.records import clock
from budsim_widgets.store.records.plain_json import to_plain_json
from budsim_widgets.store.records.records import newest_version, record_of
from budsim_widgets.store.records.values import StoredConfig, StoredConfigs, Versions, as_label, for_caller
from budsim_widgets.store.records.versions import submitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.store.file.session import Session


class PastedConfigs(OpenStore):
    """A store's part for what people pasted."""

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
        now = clock.utc_now()
        new = StoredConfig(
            model_id=named(model_id),
            config=to_plain_json(config, model_id=model_id),
            submitted_at=now,
            updated_at=now,
            version=1,
            source_format=source_format,
            is_verified=is_verified,
            published_parameters=published_parameters,
            contributor=None if contributor is None else as_label(contributor),
        )
        return self._file.change(lambda session: _kept(session, submitted(kept_versions(session, model_id), new)))

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
        versions = self._file.ask(lambda session: kept_versions(session, model_id)) or ()
        return [for_caller(version) for version in versions[1:]]

    def version(self, model_id: str, version: int | None = None) -> StoredConfig:
        """One of the configs that were pasted for a model; None: the one that counts now.

        Raises:
            StoreError: It isn't kept.
        """
        versions = self._file.ask(lambda session: kept_versions(session, model_id)) or ()
        return for_caller(self._version_among(versions, model_id, version))

    def restore(self, model_id: str, version: int) -> StoredConfig:
        """Make an earlier config count again, as a new version.

        Raises:
            StoreError: This version isn't kept.
        """

        def operation(session: Session) -> StoredConfig:
            versions = kept_versions(session, model_id) or ()
            found = self._version_among(versions, model_id, version)
            return _kept(session, submitted(versions, replace(found, updated_at=clock.utc_now())))

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
            versions = kept_versions(session, model_id)
            if versions is None or version not in (None, versions[0].version):
                return None
            newest = replace(versions[0], is_verified=is_verified, published_parameters=published_parameters)
            return _kept(session, (newest, *versions[1:]))

        return self._file.change(operation)

    def _version_among(self, kept: Versions, model_id: str, version: int | None) -> StoredConfig:
        found = next((one for one in kept if version in (None, one.version)), None)
        if found is not None:
            return found
        numbers = ", ".join(str(one.version) for one in kept)
        what = "config" if version is None else f"version {version} of the config"
        raise StoreError(
            f"There is no {what} of {model_id}.",
            path=str(self.path),
            model_id=model_id,
            next_step=f"These are kept: {numbers}." if kept else "No config is kept for this model: submit one.",
        )


def _kept(session: Session, versions: Versions) -> StoredConfig:
    session.put(CONFIGS_TABLE, record_of(versions))
    return for_caller(versions[0])
