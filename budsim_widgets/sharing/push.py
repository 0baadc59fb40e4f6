"""Configs of this store into a team's repository: merged with what is there, all in one commit."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import TeamConflictError
from budsim_widgets.sharing.plan import Push, plan_on
from budsim_widgets.sharing.pull_request import reuse_open_pull_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.hub.datasets.responses import DatasetSnapshot
    from budsim_widgets.sharing.files import TeamFiles
    from budsim_widgets.sharing.local_configs import LocalConfigs

_MAX_ATTEMPTS: Final = 20
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 4.0
_GIVE_UP_SECONDS: Final = 90.0


def push(  # noqa: PLR0913 - what a push depends on, each by name
    files: TeamFiles,
    repo_id: str,
    local: LocalConfigs,
    *,
    as_pull_request: bool = False,
    only_newer: bool = False,
    snapshot: DatasetSnapshot | None = None,
) -> Push:
    """Put these configs into a repository, on top of what others put there meanwhile.

    Args:
        files: The repository's files.
        repo_id: The repository.
        local: The configs.
        as_pull_request: Whether to open a pull request instead; one that is still open is used again.
        only_newer: Leave out what the repository has no file of, and what is newer there.
        snapshot: The repository as it was a moment ago.

    Raises:
        TeamConflictError: Others were faster, again and again.
        HubError: It can't be read or written; each reason has a class of its own.
    """
    for pause_seconds in _pauses():
        base = snapshot or files.snapshot(repo_id)
        plan = plan_on(files, base, local, only_newer=only_newer)
        if not plan.contents:
            return plan.push
        reused = reuse_open_pull_request(files, base, local, plan) if as_pull_request else None
        if reused is not None:
            return reused
        try:
            made = files.client.commit(base, plan.contents, summary=plan.title, as_pull_request=as_pull_request)
        except TeamConflictError as error:
            conflict, snapshot = error, None
            time.sleep(pause_seconds)
        else:
            plan.push.url = made.url
            return plan.push
    raise conflict


def newer_of(files: TeamFiles, snapshot: DatasetSnapshot, local: LocalConfigs) -> list[str]:
    """Those models whose config here is newer than in the repository, which has one."""
    return plan_on(files, snapshot, local, only_newer=True).push.shared


def _pauses() -> Iterator[float]:
    """How long to wait after each attempt; by chance, so that those who met once don't meet again."""
    end = time.monotonic() + _GIVE_UP_SECONDS
    for attempt in range(_MAX_ATTEMPTS):
        if time.monotonic() > end:
            return
        longest = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        yield random.uniform(0, longest)  # noqa: S311 - no secret, only spread
