"""Configs of this store into a team's repository: merged with what is there, all in one commit."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import TeamConflictError
from budsim_widgets.hub.datasets.responses import blob_id
from budsim_widgets.sharing.limits import check_room
from budsim_widgets.sharing.plan import Push, plan_on
from budsim_widgets.sharing.pull_request import reuse_open_pull_request
from budsim_widgets.store.team_records import SeenFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import KeptConfigs
    from budsim_widgets.sharing.plan import Plan
    from budsim_widgets.store.team_records import TeamRecords

_MAX_ATTEMPTS: Final = 20
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 4.0
_GIVE_UP_SECONDS: Final = 90.0


def push(  # noqa: PLR0913 - what a push depends on, each by name
    files: TeamFiles,
    repo_id: str,
    kept: KeptConfigs,
    records: TeamRecords,
    *,
    as_pull_request: bool = False,
    puts_back: bool = False,
) -> Push:
    """Put these configs into a repository, on top of what others put there meanwhile.

    Args:
        files: The repository's files.
        repo_id: The repository.
        kept: The configs.
        records: What is remembered of the repository.
        as_pull_request: Whether to open a pull request instead; one that is still open is used again.
        puts_back: Whether to put back what was deleted there.

    Raises:
        TeamStoreError: The repository would hold more than it may, or others were faster, again and again.
        HubError: It can't be read or written; each reason has a class of its own.
    """

    def attempt() -> Push:
        base = files.snapshot(repo_id)
        records.rename(repo_id, base.repo_id)
        plan = plan_of(files, base, kept, records, puts_back=puts_back)
        if not plan.contents:
            remember(records, base, plan, kept)
            return plan.push
        check_room(base, plan.contents)
        if as_pull_request:
            local = kept.versions([*plan.contents])
            reused = reuse_open_pull_request(files, base, local, plan)
            if reused is not None:
                return reused
        commit(files, base, plan, as_pull_request=as_pull_request)
        if not as_pull_request:
            remember(records, base, plan, kept)
        return plan.push

    return until_nobody_is_faster(attempt)


def plan_of(
    files: TeamFiles, base: DatasetSnapshot, kept: KeptConfigs, records: TeamRecords, *, puts_back: bool
) -> Plan:
    """What a commit of these configs on one snapshot would change.

    Raises:
        HubError: It can't be read; each reason has a class of its own.
    """
    seen = records.seen(base.repo_id)
    same = kept.unchanged(base, seen)
    missing = kept.model_ids.keys() - base.files.keys()
    deleted = set() if puts_back else missing & (seen.keys() | kept.came_from(base.repo_id))
    local = kept.versions([path for path in kept.model_ids if path not in same | deleted])
    plan = plan_on(files, base, local)
    plan.push.unchanged += [kept.model_ids[path] for path in sorted(same)]
    plan.push.deleted += [kept.model_ids[path] for path in sorted(deleted)]
    return plan


def commit(files: TeamFiles, base: DatasetSnapshot, plan: Plan, *, as_pull_request: bool = False) -> None:
    """Make the commit of a plan.

    Raises:
        HubError: It can't be made; each reason has a class of its own.
    """
    files.check_stopped()
    made = files.client.commit(base, plan.contents, summary=plan.title, as_pull_request=as_pull_request)
    plan.push.url = made.url


def remember(records: TeamRecords, base: DatasetSnapshot, plan: Plan, kept: KeptConfigs) -> None:
    """Note what the repository holds of these configs after the commit of a plan."""
    records.put_seen(
        base.repo_id,
        {
            path: SeenFile(
                blob_id(plan.contents[path]) if path in plan.contents else base.files[path].blob_id,
                kept.digests[path],
                is_taken,
            )
            for path, is_taken in plan.complete.items()
        },
    )


def until_nobody_is_faster(attempt: Callable[[], Push]) -> Push:
    """What an attempt returns, made again as long as somebody else's commit comes first.

    Raises:
        TeamConflictError: Others were faster, again and again.
    """
    pauses = _pauses()
    while True:
        with suppress(TeamConflictError):
            return attempt()
        pause_seconds = next(pauses, None)
        if pause_seconds is None:
            return attempt()
        time.sleep(pause_seconds)


def _pauses() -> Iterator[float]:
    """How long to wait after each attempt; by chance, so that those who met once don't meet again."""
    end = time.monotonic() + _GIVE_UP_SECONDS
    for attempt in range(_MAX_ATTEMPTS):
        if time.monotonic() > end:
            return
        longest = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        yield random.uniform(0, longest)  # noqa: S311 - no secret, only spread
