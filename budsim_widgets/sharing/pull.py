"""A team's configs into this store: each through the checks of a paste, marked with from whom it comes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from budsim_widgets.sharing.changes import change_here
from budsim_widgets.sharing.files import config_paths
from budsim_widgets.sharing.limits import readable
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.exchange.shared_file import shared_bytes, united

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.changes import ConfigChange
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import KeptConfigs
    from budsim_widgets.store import ConfigStore, ImportSummary
    from budsim_widgets.store.exchange.import_checks import Contributor
    from budsim_widgets.store.records.values import StoredConfig, Versions

    Import = Callable[[bytes, Contributor], ImportSummary]
    """Merges an export into the store; the contributor is told for each version."""


@dataclass
class Pull:
    """What became of the repository's configs, by model id.

    Attributes:
        added: Models that the store had no config of.
        updated: Models whose config is another now.
        kept: Models whose config here is the same or counts more.
        rejected: Left out, with the reason.
        changes: What others' edits changed.
        taken: The files that were taken over.
        notices: What a person should know.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    rejected: list[RejectedConfig] = field(default_factory=list)
    changes: list[ConfigChange] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def pull(  # noqa: PLR0913 - what a pull depends on, each by name
    files: TeamFiles,
    snapshot: DatasetSnapshot,
    kept: KeptConfigs,
    store: ConfigStore,
    import_: Import,
    *,
    wanted: Collection[str],
) -> Pull:
    """Merge the configs of a repository into the store.

    Args:
        files: The repository's files.
        snapshot: What they were a moment ago.
        kept: What the store has of the same models.
        store: The store.
        import_: Merges what was read into the store.
        wanted: The files to take over.

    Raises:
        HubError: They can't be read; each reason has a class of its own.
        StoreError: The store can't be written.
    """
    result = Pull()
    seen = store.teams.seen(snapshot.repo_id)
    same = {path for path in kept.unchanged(snapshot, seen) if path in wanted and seen[path].is_taken}
    result.kept += [kept.model_ids[path] for path in sorted(same)]
    to_read = readable(snapshot, [path for path in config_paths(snapshot) if path in wanted and path not in same])
    result.notices += [to_read.notice] if to_read.notice else []
    found = files.versions(snapshot, to_read.paths)
    result.rejected += [entry for entry in found.values() if isinstance(entry, RejectedConfig)]
    usable = {path: entry for path, entry in found.items() if not isinstance(entry, RejectedConfig)}
    if not usable:
        return result
    theirs = _named(files, snapshot, usable)
    before = kept.versions([path for path in theirs if path in kept.model_ids])
    files.check_stopped()
    _add(result, import_(shared_bytes(theirs.values()), _contributor_in(snapshot.repo_id)))
    result.taken += theirs
    result.changes += _changes(store, before, theirs)
    return result


def _changes(store: ConfigStore, before: dict[str, Versions], theirs: dict[str, Versions]) -> list[ConfigChange]:
    found = []
    for path, versions in before.items():
        after = store.versions(versions[0].model_id)
        change = change_here(versions, theirs[path], after) if after else None
        if change is not None:
            found.append(change)
    return found


def _named(files: TeamFiles, snapshot: DatasetSnapshot, usable: dict[str, Versions]) -> dict[str, Versions]:
    """The configs as they are merged; the one edit in a file of before, which names no authors, is its committer's."""
    unnamed = [path for path, versions in usable.items() if len(versions) == 1 and versions[0].place is None]
    names = files.client.authors(snapshot, unnamed)
    now = datetime.now(timezone.utc)
    named = {
        path: (replace(versions[0], author=versions[0].author or names[path]),) if path in names else versions
        for path, versions in usable.items()
    }
    return {path: united(versions, now=now) for path, versions in named.items()}


def _contributor_in(repo_id: str) -> Contributor:
    def contributor(version: StoredConfig) -> str:
        return f"{version.author} in {repo_id}" if version.author else repo_id

    return contributor


def _add(result: Pull, summary: ImportSummary) -> None:
    result.added += summary.added
    result.updated += summary.updated
    result.kept += summary.kept
    result.rejected += summary.rejected
