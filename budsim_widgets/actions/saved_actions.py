"""The configs that are kept: list, history, differences, forgetting, files; each through the checks of a paste."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from budsim_widgets.actions.saved_config import SavedConfig
from budsim_widgets.memory.checking import check_config_dict

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from budsim_widgets.actions.difference import ConfigDifference
    from budsim_widgets.resolver import Resolver
    from budsim_widgets.schemas import ConfigSubmitResponse
    from budsim_widgets.store import ImportSummary
    from budsim_widgets.store.exchange.import_checks import Contributor
    from budsim_widgets.verification.backlog import VerificationBacklog
    from budsim_widgets.verification.verify import Verification

_VERIFY_SECONDS = 60.0


class SavedConfigActions:
    """What is done with kept configs; a part of `Actions`.

    Each may raise a `StoreError`, with the next step in it; each that takes a model may raise a `ModelIdError`.

    Args:
        resolver: The store and the Hub.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    @cached_property
    def backlog(self) -> VerificationBacklog:
        """The kept configs that were never compared with the Hub."""
        from budsim_widgets.verification.backlog import VerificationBacklog  # noqa: PLC0415 - a calculation has none

        return VerificationBacklog(self._resolver)

    def list(self) -> tuple[SavedConfig, ...]:
        """The kept configs of all models, by model id; see `SavedConfig`."""
        saved = map(SavedConfig.of, self._resolver.store.browse())
        return tuple(sorted(saved, key=lambda one: one.model_id.casefold()))

    def history(self, model_id: str) -> tuple[SavedConfig, ...]:
        """The kept config of a model and the earlier ones, the newest first; nothing where there is none.

        Example:
            >>> bw.config_history("org/model")[1].version    # doctest: +SKIP
            3
        """
        return tuple(map(SavedConfig.of, self._resolver.store.versions(self.stored_id(model_id))))

    def difference(self, model_id: str, old_version: int, new_version: int | None = None) -> ConfigDifference:
        """What changed between two versions of a model's config, in its fields and in memory.

        Args:
            model_id: The model.
            old_version: The version to start from.
            new_version: The version to go to; None: the one that counts now.

        Raises:
            StoreError: There is no such version.
        """
        from budsim_widgets.actions.difference import difference  # noqa: PLC0415 - a calculation compares no versions

        return difference(self._version(model_id, old_version), self._version(model_id, new_version))

    def restore(self, model_id: str, version: int) -> SavedConfig:
        """Makes an earlier config of a model count again, as a new version.

        Raises:
            StoreError: There is no such version.
            ConfigError: It doesn't pass today's checks.
        """
        check_config_dict(self._version(model_id, version).config)
        restored = SavedConfig.of(self._resolver.store.restore(self.stored_id(model_id), version))
        if restored.published_parameters is None:
            self.backlog.add([restored.model_id])
        return restored

    def undo(self, model_id: str) -> SavedConfig | None:
        """Takes back what was saved last for a model: the config before it counts again; None where there was none."""
        versions = self.history(model_id)
        if len(versions) > 1:
            return self.restore(model_id, versions[1].version)
        self.forget(model_id)
        return None

    def forget(self, model_id: str) -> bool:
        """Forgets the kept config of a model with its history; whether there was one.

        Syncing with a team doesn't bring it back unless the model is named.
        """
        return self._resolver.store.delete(self.stored_id(model_id))

    def export_file(self, path: str | os.PathLike[str], *, model_ids: Iterable[str] | None = None) -> int:
        """Writes the kept configs with their history to a JSON file, in place of one that is there.

        Args:
            path: The file.
            model_ids: Which models' configs; None: all.

        Returns:
            How many models' configs these are.

        Raises:
            StoreError: The file can't be written, or nothing is kept for one of the models.
        """
        return self._resolver.store.export_file(path, model_ids)

    def export_bytes(self, model_ids: Iterable[str] | None = None) -> bytes:
        """The content of the file that `export_file` writes."""
        return self._resolver.store.export_bytes(model_ids)

    def import_file(
        self,
        source: str | os.PathLike[str] | bytes,
        *,
        contributor: Contributor | None = None,
        source_name: str = "a file",
        through: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> ImportSummary:
        """Merges exported configs into the kept ones: the later edit of a model counts, the others are history.

        Every id is one that could be typed, and every config passes the checks of a paste and must build; those that
        don't are left out and named.

        Args:
            source: The path of a file, or its content.
            contributor: From whom the configs come; by default `imported from` the file's name.
            source_name: What messages call the content.
            through: Goes through the models of a content while they are checked, and may end it before one is kept.

        Raises:
            StoreError: It is no export, or larger than 64 MiB.
        """
        if isinstance(source, bytes):
            return self.import_bytes(source, contributor=contributor, source_name=source_name, through=through)
        from budsim_widgets.hub import check_model_id  # noqa: PLC0415 - a calculation needs no Hub

        summary = self._resolver.store.import_file(
            source, check=check_config_dict, check_id=check_model_id, contributor=contributor
        )
        self.backlog.add((*summary.added, *summary.updated))
        return summary

    def import_bytes(
        self,
        content: bytes,
        *,
        contributor: Contributor | None,
        source_name: str,
        check: Callable[[dict[str, Any]], None] = check_config_dict,
        through: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> ImportSummary:
        """What `import_file` does with the content of a file; `check` are the checks of a paste."""
        from budsim_widgets.hub import check_model_id  # noqa: PLC0415 - a calculation needs no Hub

        summary = self._resolver.store.import_bytes(
            content,
            check=check,
            check_id=check_model_id,
            contributor=contributor,
            source_name=source_name,
            through=through,
        )
        self.backlog.add((*summary.added, *summary.updated))
        return summary

    def verify(
        self,
        model_ids: Iterable[str] | None = None,
        *,
        timeout_seconds: float = _VERIFY_SECONDS,
        through: Callable[[Sequence[str]], Iterable[str]] = iter,
    ) -> tuple[Verification, ...]:
        """Compares kept configs with what the Hub publishes about their models.

        Args:
            model_ids: Which; None: all that were never compared.
            timeout_seconds: When to stop beginning with the next one.
            through: Goes through them, such as one that shows how far it is, and may end it.

        Returns:
            What came of each; the last is `unreachable` where the Hub stopped answering.
        """
        stored_ids = None if model_ids is None else [self.stored_id(model_id) for model_id in model_ids]
        return tuple(self.backlog.verify(stored_ids, timeout_seconds=timeout_seconds, through=through))

    def compare_later(self, response: ConfigSubmitResponse) -> None:
        """After a submission: the Hub may answer now about those of which it gave no answer before."""
        if response.details["verification"] == "unreachable":
            self.backlog.add([str(response.model_id)])
        else:
            self.backlog.verify_in_background()

    def stored_id(self, model_id: str) -> str:
        """The id that a config is kept under; one that the store knows is taken as it stands."""
        return model_id if self._resolver.store.get(model_id) else self._resolver.model_id(model_id)

    def _version(self, model_id: str, version: int | None) -> SavedConfig:
        return SavedConfig.of(self._resolver.store.version(self.stored_id(model_id), version))
