"""The configs that are kept: list, history, differences, forgetting, files; each through the checks of a paste."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from budsim_widgets.actions.saved_config import SavedConfig
from budsim_widgets.architectures.build import check_config_dict
from budsim_widgets.errors import StoreError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from budsim_widgets.actions.difference import ConfigDifference
    from budsim_widgets.resolver import Resolver
    from budsim_widgets.schemas import ConfigSubmitResponse
    from budsim_widgets.store import ImportSummary
    from budsim_widgets.verification.backlog import Comparisons
    from budsim_widgets.verification.verify import Verification

_VERIFY_SECONDS = 60.0


class SavedActions:
    """The actions on kept configs, on one resolver; a part of `Actions`.

    Each may raise a `StoreError`, with the next step in it; each that takes a model may raise a `ModelIdError`.
    """

    resolver: Resolver

    @cached_property
    def _comparisons(self) -> Comparisons:
        from budsim_widgets.verification.backlog import Comparisons  # noqa: PLC0415 - a calculation compares nothing

        return Comparisons(self.resolver)

    def saved_configs(self) -> tuple[SavedConfig, ...]:
        """The kept configs of all models, by model id; see `SavedConfig`."""
        saved = map(SavedConfig.of, self.resolver.store.browse())
        return tuple(sorted(saved, key=lambda one: one.model_id.casefold()))

    def config_history(self, model_id: str) -> tuple[SavedConfig, ...]:
        """The kept config of a model and the earlier ones, the newest first; nothing where there is none.

        Example:
            >>> Actions().config_history("org/model")[1].version    # doctest: +SKIP
            3
        """
        name = self._name(model_id)
        stored = self.resolver.store.get(name)
        if stored is None:
            return ()
        return (SavedConfig.of(stored), *map(SavedConfig.of, self.resolver.store.history(name)))

    def config_difference(self, model_id: str, old_version: int, new_version: int | None = None) -> ConfigDifference:
        """What changed between two versions of a model's config, in its fields and in memory.

        Args:
            model_id: The model.
            old_version: The version to start from.
            new_version: The version to go to; None: the one that counts now.

        Raises:
            StoreError: There is no such version.
        """
        from budsim_widgets.actions.difference import difference  # noqa: PLC0415 - a calculation compares no versions

        versions = self.config_history(model_id)
        new = versions[0] if versions and new_version is None else self._version(model_id, versions, new_version)
        return difference(self._version(model_id, versions, old_version), new)

    def restore_config(self, model_id: str, version: int) -> SavedConfig:
        """Makes an earlier config of a model count again, as a new version.

        Raises:
            StoreError: There is no such version.
            ConfigError: It doesn't pass today's checks.
        """
        versions = self.config_history(model_id)
        check_config_dict(self._version(model_id, versions, version).config)
        restored = SavedConfig.of(self.resolver.store.restore(self._name(model_id), version))
        if restored.published_parameters is None:
            self._comparisons.note([restored.model_id])
        return restored

    def forget_config(self, model_id: str) -> bool:
        """Forgets the kept config of a model with its history; whether there was one."""
        return self.resolver.store.delete(self._name(model_id))

    def export_configs(self, path: str | os.PathLike[str], *, model_ids: Iterable[str] | None = None) -> int:
        """Writes the kept configs with their history to a JSON file, in place of one that is there.

        Args:
            path: The file.
            model_ids: Which models' configs; None: all.

        Returns:
            How many models' configs these are.

        Raises:
            StoreError: The file can't be written, or nothing is kept for one of the models.
        """
        return self.resolver.store.export_file(path, model_ids)

    def export_bytes(self, model_ids: Iterable[str] | None = None) -> bytes:
        """The content of the file that `export_configs` writes."""
        return self.resolver.store.export_bytes(model_ids)

    def import_configs(
        self, source: str | os.PathLike[str] | bytes, *, contributor: str | None = None, source_name: str = "a file"
    ) -> ImportSummary:
        """Merges exported configs into the kept ones: the newer config of a model counts, the older is history.

        Every config passes the checks of a paste and must build; those that don't are left out and named.

        Args:
            source: The path of a file, or its content.
            contributor: From whom the configs come; by default `imported from` the file's name.
            source_name: What messages call the content.

        Raises:
            StoreError: It is no export, or larger than 64 MiB.
        """
        store = self.resolver.store
        if isinstance(source, bytes):
            summary = store.import_bytes(
                source, check=check_config_dict, contributor=contributor, source_name=source_name
            )
        else:
            summary = store.import_file(source, check=check_config_dict, contributor=contributor)
        self._comparisons.note((*summary.added, *summary.updated))
        return summary

    def verify_configs(
        self, model_ids: Iterable[str] | None = None, *, timeout_seconds: float = _VERIFY_SECONDS
    ) -> tuple[Verification, ...]:
        """Compares kept configs with what the Hub publishes about their models.

        Args:
            model_ids: Which; None: all that were never compared.
            timeout_seconds: When to stop beginning with the next one.

        Returns:
            What came of each; the last is `unreachable` where the Hub stopped answering.
        """
        named = None if model_ids is None else [self._name(model_id) for model_id in model_ids]
        return tuple(self._comparisons.run(named, timeout_seconds=timeout_seconds))

    def _compare_later(self, response: ConfigSubmitResponse) -> None:
        """After a submission: the Hub may answer now about those of which it gave no answer before."""
        if response.details["verification"] == "unreachable":
            self._comparisons.note([str(response.model_id)])
        else:
            self._comparisons.run_in_background()

    def _name(self, model_id: str) -> str:
        """The id that a config is kept under; one that the store knows is taken as it stands."""
        return model_id if self.resolver.store.get(model_id) else self.resolver.model_id(model_id)

    def _version(self, model_id: str, versions: tuple[SavedConfig, ...], version: int | None) -> SavedConfig:
        found = next((one for one in versions if one.version == version), None)
        if found is not None:
            return found
        numbers = ", ".join(str(one.version) for one in versions)
        raise StoreError(
            f"There is no version {version} of the config of {model_id}."
            if versions
            else f"No config is kept for {model_id}.",
            path=str(self.resolver.store.path),
            model_id=model_id,
            next_step=f"These are kept: {numbers}." if versions else "Submit one first.",
        )
