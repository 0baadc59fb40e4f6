"""A team's configs into this store: each through the checks of a paste, marked with from whom it comes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from budsim_widgets.errors import ModelIdError
from budsim_widgets.hub.datasets.responses import blob_id
from budsim_widgets.sharing.files import config_paths, path_of
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import shared_bytes, united

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import LocalConfigs
    from budsim_widgets.store import ImportSummary
    from budsim_widgets.store.records.values import Versions

    Import = Callable[[bytes, str], ImportSummary]
    """Merges an export that a contributor gave into the store."""


@dataclass
class Pull:
    """What became of the repository's configs, by model id.

    Attributes:
        added: Models that the store had no config of.
        updated: Models whose config was newer there.
        kept: Models whose config here is the same or newer.
        rejected: Left out, with the reason.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    rejected: list[RejectedConfig] = field(default_factory=list)


def pull(files: TeamFiles, snapshot: DatasetSnapshot, local: LocalConfigs, import_: Import) -> Pull:
    """Merge the configs of a repository into the store.

    Args:
        files: The repository's files.
        snapshot: What they were a moment ago.
        local: What the store has of the same models.
        import_: Merges what a contributor gave into the store.

    Raises:
        HubError: They can't be read; each reason has a class of its own.
        StoreError: The store can't be written.
    """
    result = Pull()
    paths = config_paths(snapshot)
    same = {path for path in paths if _is_known(snapshot, path, local)}
    result.kept += [local[path][0].model_id for path in sorted(same)]
    found = files.versions(snapshot, [path for path in paths if path not in same])
    result.rejected += [entry for entry in found.values() if isinstance(entry, RejectedConfig)]
    usable = {path: entry for path, entry in found.items() if not isinstance(entry, RejectedConfig)}
    for contributor, models in _by_contributor(files, snapshot, usable).items():
        _add(result, import_(shared_bytes(models), contributor))
    return result


def models_in(snapshot: DatasetSnapshot, model_ids: list[str]) -> list[str]:
    """Those of these models that the repository has a file of."""
    return [model_id for model_id in model_ids if _path(model_id) in snapshot.files]


def _path(model_id: str) -> str | None:
    try:
        return path_of(model_id)
    except ModelIdError:
        return None


def _is_known(snapshot: DatasetSnapshot, path: str, local: LocalConfigs) -> bool:
    return path in local and snapshot.files[path].blob_id == blob_id(shared_bytes([local[path]]))


def _by_contributor(
    files: TeamFiles, snapshot: DatasetSnapshot, usable: dict[str, Versions]
) -> dict[str, list[Versions]]:
    """The configs by from whom they come: whoever changed the file last, as far as the Hub says so."""
    names = files.client.authors(snapshot, list(usable))
    now = datetime.now(timezone.utc)
    models: defaultdict[str, list[Versions]] = defaultdict(list)
    for path, versions in usable.items():
        source = f"{names[path]} in {snapshot.repo_id}" if path in names else snapshot.repo_id
        models[source].append(united(versions, now=now))
    return models


def _add(result: Pull, summary: ImportSummary) -> None:
    result.added += summary.added
    result.updated += summary.updated
    result.kept += summary.kept
    result.rejected += summary.rejected
