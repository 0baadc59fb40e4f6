"""Configs of this store into a team's repository: merged with what is there, all in one commit."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final, TypeAlias

from budsim_widgets.actions.saved import check_config_dict
from budsim_widgets.actions.team_files import MAX_FILE_BYTES, path_of
from budsim_widgets.errors import ConfigError, ModelIdError, StoreError, TeamConflictError
from budsim_widgets.hub.team_answers import blob_id
from budsim_widgets.store import RejectedConfig
from budsim_widgets.store.shared_file import is_same, shared_bytes, united

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from budsim_widgets.actions.team_files import TeamFiles
    from budsim_widgets.hub.team_answers import TeamSnapshot
    from budsim_widgets.store import ConfigStore
    from budsim_widgets.store.values import Versions

Ours: TypeAlias = "dict[str, Versions]"
"""Configs of this store by the path of their file."""

_MAX_ATTEMPTS: Final = 20
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 4.0
_GIVE_UP_SECONDS: Final = 90.0
_MAX_NAMED: Final = 3


@dataclass
class Push:
    """What became of the configs that were to be shared, by model id.

    Attributes:
        repo_id: The repository, as the Hub writes its id.
        shared: Put into the repository, or offered.
        unchanged: The repository has them already.
        rejected: Left out, with the reason.
        url: The page of the commit or of the pull request.
    """

    repo_id: str
    shared: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    rejected: list[RejectedConfig] = field(default_factory=list)
    url: str | None = None


@dataclass
class _Plan:
    """What a commit on one snapshot would change."""

    push: Push
    contents: dict[str, bytes] = field(default_factory=dict)


def ours_of(store: ConfigStore, model_ids: Iterable[str]) -> tuple[Ours, list[RejectedConfig]]:
    """The configs of these models as they would be shared, and those that can't be.

    Raises:
        StoreError: No config is kept for one of them.
    """
    ours: Ours = {}
    rejected: list[RejectedConfig] = []
    for model_id in model_ids:
        versions = _kept(store, model_id)
        faults = {version.version: _fault(version.config) for version in versions}
        rejected += [RejectedConfig(model_id, fault) for fault in faults.values() if fault is not None]
        if faults[versions[0].version] is not None:
            continue
        try:
            path = path_of(versions[0].model_id)
        except ModelIdError as error:
            rejected.append(RejectedConfig(model_id, error.message))
            continue
        usable = tuple(version for version in versions if faults[version.version] is None)
        ours[path] = united(usable, now=_now())
    return ours, rejected


def push(  # noqa: PLR0913 - what a push depends on, each by name
    files: TeamFiles,
    repo_id: str,
    ours: Ours,
    *,
    as_pull_request: bool = False,
    only_newer: bool = False,
    snapshot: TeamSnapshot | None = None,
) -> Push:
    """Put these configs into a repository, on top of what others put there meanwhile.

    Args:
        files: The repository's files.
        repo_id: The repository.
        ours: The configs.
        as_pull_request: Whether to offer them instead.
        only_newer: Leave out what the repository has no file of, and what is newer there.
        snapshot: The repository as it was when it was looked at a moment ago.

    Raises:
        TeamConflictError: Others were faster, again and again.
        HubError: It can't be read or written; each reason has a class of its own.
    """
    for pause_seconds in _pauses():
        base = snapshot or files.look(repo_id)
        plan = _planned(files, base, ours, only_newer=only_newer)
        if not plan.contents:
            return plan.push
        summary = _summary(plan.push.shared)
        try:
            made = files.client.commit(base, plan.contents, summary=summary, as_pull_request=as_pull_request)
        except TeamConflictError as error:
            conflict, snapshot = error, None
            time.sleep(pause_seconds)
        else:
            plan.push.url = made.url
            return plan.push
    raise conflict


def newer_of(files: TeamFiles, snapshot: TeamSnapshot, ours: Ours) -> list[str]:
    """Those models whose config here is newer than in the repository, which has one."""
    return _planned(files, snapshot, ours, only_newer=True).push.shared


def _planned(files: TeamFiles, snapshot: TeamSnapshot, ours: Ours, *, only_newer: bool) -> _Plan:
    plan = _Plan(Push(snapshot.repo_id))
    known = {path for path in ours if path in snapshot.files}
    same = {path for path in known if snapshot.files[path].blob_id == blob_id(shared_bytes([ours[path]]))}
    theirs = files.versions(snapshot, known - same)
    for path, versions in ours.items():
        found = theirs.get(path)
        if path in same:
            plan.push.unchanged.append(versions[0].model_id)
        elif isinstance(found, RejectedConfig):
            plan.push.rejected.append(_left_alone(found, path, versions))
        elif found is not None:
            _plan_merge(plan, path, versions, found, only_newer=only_newer)
        elif not only_newer:
            _plan_write(plan, path, versions)
    return plan


def _plan_merge(plan: _Plan, path: str, ours: Versions, theirs: Versions, *, only_newer: bool) -> None:
    fault = _fault(theirs[0].config)
    if fault is not None:
        plan.push.rejected.append(_left_alone(RejectedConfig(path, fault), path, ours))
        return
    together = united(theirs, ours, now=_now())
    if is_same(together, theirs) or (only_newer and is_same(together[:1], theirs[:1])):
        plan.push.unchanged.append(ours[0].model_id)
    else:
        _plan_write(plan, path, together)


def _plan_write(plan: _Plan, path: str, versions: Versions) -> None:
    content = shared_bytes([versions])
    if len(content) > MAX_FILE_BYTES:
        reason = f"With its earlier versions it is larger than {MAX_FILE_BYTES >> 20} MiB."
        plan.push.rejected.append(RejectedConfig(versions[0].model_id, reason))
        return
    plan.contents[path] = content
    plan.push.shared.append(versions[0].model_id)


def _left_alone(found: RejectedConfig, path: str, ours: Versions) -> RejectedConfig:
    # It may be a newer version's, or all that is left of somebody's: a person should look before it is replaced.
    reason = f"The repository's {path} can't be used: {found.reason} It was left as it is: mend or delete it there."
    return RejectedConfig(ours[0].model_id, reason)


def _kept(store: ConfigStore, model_id: str) -> Versions:
    newest = store.get(model_id)
    if newest is None:
        raise StoreError(
            f"No config is kept for {model_id}.",
            path=str(store.path),
            model_id=model_id,
            next_step="Submit one, or leave this model out.",
        )
    return (newest, *store.history(model_id))


def _fault(config: dict[str, object]) -> str | None:
    """Why a config wouldn't be taken as a paste, or None."""
    try:
        check_config_dict(config)
    except ConfigError as error:
        return error.message
    return None


def _summary(model_ids: list[str]) -> str:
    if len(model_ids) > _MAX_NAMED:
        return f"Share the configs of {len(model_ids)} models"
    return f"Share the config{'s' if len(model_ids) > 1 else ''} of {', '.join(model_ids)}"


def _pauses() -> Iterator[float]:
    """How long to wait after each attempt; by chance, so that those who met once don't meet again."""
    end = time.monotonic() + _GIVE_UP_SECONDS
    for attempt in range(_MAX_ATTEMPTS):
        if time.monotonic() > end:
            return
        longest = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        yield random.uniform(0, longest)  # noqa: S311 - no secret, only spread


def _now() -> datetime:
    return datetime.now(timezone.utc)
