"""The configs of this store as a team would get them: those that pass today's checks, without what is private."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final, TypeAlias

from budsim_widgets.errors import ConfigError, ModelIdError
from budsim_widgets.memory.checking import check_config_dict
from budsim_widgets.sharing.changes import is_own
from budsim_widgets.sharing.files import path_of
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import united
from budsim_widgets.store.records.lineage import config_key
from budsim_widgets.store.records.lookup import no_config

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.store import ConfigStore
    from budsim_widgets.store.records.values import StoredConfig, Versions
    from budsim_widgets.store.team_records import SeenFiles

LocalConfigs: TypeAlias = "dict[str, Versions]"
"""Configs of this store by the path of their file."""


_MAX_PASSED: Final = 4_000
_passed: set[bytes] = set()
"""Digests of configs that passed, of this process."""


class KeptConfigs:
    """The configs of some models in this store, each read when it is needed.

    Args:
        store: The store.
        model_ids: The ids that they are kept under.
        account: Tells the person's account, whose name their own edits get; None where the Hub doesn't say.

    Attributes:
        model_ids: Those that can be in a repository, by the path of their file there.
        digests: What changes with each of them, by path.
        rejected: Those that can't be shared, with the reason.
    """

    def __init__(self, store: ConfigStore, model_ids: Iterable[str], account: Callable[[], str | None]) -> None:
        self._store = store
        self._account = account
        self.rejected: list[RejectedConfig] = []
        self.model_ids: dict[str, str] = {}
        for model_id in model_ids:
            self._name(model_id)
        # Before any config is read: what is changed meanwhile then has another digest.
        digests = {model_id.casefold(): digest for model_id, digest in store.teams.digests().items()}
        self.digests = {path: digests.get(model_id.casefold(), "") for path, model_id in self.model_ids.items()}
        self._read: LocalConfigs = {}

    def _name(self, model_id: str) -> None:
        try:
            self.model_ids[path_of(model_id)] = model_id
        except ModelIdError as error:
            self.rejected.append(RejectedConfig(model_id, error.message))

    def versions(self, paths: Collection[str]) -> LocalConfigs:
        """The configs of these files as they would be shared, those left out that can't be.

        Raises:
            StoreError: No config is kept for one of them.
        """
        for path in paths:
            if path not in self._read:
                self._read[path] = self._shareable(path)
        return {path: self._read[path] for path in paths if self._read[path]}

    def unchanged(self, snapshot: DatasetSnapshot, seen: SeenFiles) -> set[str]:
        """The files of which nothing was changed, here or there, since all of the config here was in them."""
        return {
            path
            for path, digest in self.digests.items()
            if digest
            and path in seen
            and path in snapshot.files
            and (seen[path].blob_id, seen[path].digest) == (snapshot.files[path].blob_id, digest)
        }

    def came_from(self, repo_id: str) -> set[str]:
        """The files whose config here was taken from this repository."""
        labels = {one.model_id.casefold(): one.contributor or "" for one in self._store.browse()}
        return {
            path
            for path, model_id in self.model_ids.items()
            if (label := labels.get(model_id.casefold(), "")) == repo_id or label.endswith(f" in {repo_id}")
        }

    def _shareable(self, path: str) -> Versions:
        model_id = self.model_ids[path]
        versions = self._store.versions(model_id)
        if not versions:
            raise no_config(model_id, path=self._store.path)
        faults = {version.version: fault_of(version.config) for version in versions}
        rejected = [RejectedConfig(model_id, fault) for fault in faults.values() if fault is not None]
        if rejected:  # to be told again next time
            self.rejected += rejected
            self.digests[path] = ""
        if faults[versions[0].version] is not None:
            return ()
        usable = [self._signed(version) for version in versions if faults[version.version] is None]
        if any(signed.author is None and is_own(signed) for signed in usable):  # to be signed next time
            self.digests[path] = ""
        return united(tuple(usable), now=datetime.now(timezone.utc))

    def _signed(self, version: StoredConfig) -> StoredConfig:
        """The person's own edits under their name; those of others keep theirs, or none."""
        if version.author is not None or not is_own(version):
            return version
        return replace(version, author=self._account())


def fault_of(config: dict[str, object]) -> str | None:
    """Why a config wouldn't be taken as a paste, or None."""
    try:
        check_once(config)
    except ConfigError as error:
        return error.message
    return None


def check_once(config: dict[str, object]) -> None:
    """The checks of a paste, passed over where the very same config has passed them: a sync looks at each three times.

    Raises:
        ConfigError: It doesn't pass.
    """
    key = hashlib.sha256(config_key(config).encode()).digest()
    if key in _passed:
        return
    check_config_dict(config)
    if len(_passed) >= _MAX_PASSED:
        _passed.clear()
    _passed.add(key)
