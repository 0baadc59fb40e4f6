"""The configs of this store as a team would get them: those that pass today's checks, without what is private."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeAlias

from budsim_widgets.errors import ConfigError, ModelIdError
from budsim_widgets.memory.checking import check_config_dict
from budsim_widgets.sharing.files import path_of
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import united
from budsim_widgets.store.records.lookup import no_config

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.store import ConfigStore
    from budsim_widgets.store.records.values import Versions

LocalConfigs: TypeAlias = "dict[str, Versions]"
"""Configs of this store by the path of their file."""


def shareable_configs(store: ConfigStore, model_ids: Iterable[str]) -> tuple[LocalConfigs, list[RejectedConfig]]:
    """The configs of these models as they would be shared, and those that can't be.

    Raises:
        StoreError: No config is kept for one of them.
    """
    configs: LocalConfigs = {}
    rejected: list[RejectedConfig] = []
    for model_id in model_ids:
        versions = _kept(store, model_id)
        faults = {version.version: fault_of(version.config) for version in versions}
        rejected += [RejectedConfig(model_id, fault) for fault in faults.values() if fault is not None]
        if faults[versions[0].version] is not None:
            continue
        try:
            path = path_of(versions[0].model_id)
        except ModelIdError as error:
            rejected.append(RejectedConfig(model_id, error.message))
            continue
        usable = tuple(version for version in versions if faults[version.version] is None)
        configs[path] = united(usable, now=datetime.now(timezone.utc))
    return configs, rejected


def _kept(store: ConfigStore, model_id: str) -> Versions:
    versions = store.versions(model_id)
    if not versions:
        raise no_config(model_id, path=store.path)
    return versions


def fault_of(config: dict[str, object]) -> str | None:
    """Why a config wouldn't be taken as a paste, or None."""
    try:
        check_config_dict(config)
    except ConfigError as error:
        return error.message
    return None
