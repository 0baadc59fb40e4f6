"""Pull requests of the person's own that are still open: what they would leave in the repository."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from budsim_widgets.errors import HubError
from budsim_widgets.hub.datasets.responses import (
    DatasetSnapshot,
    read_account,
    read_commit_ids,
    read_pull_requests,
    read_snapshot,
)

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.connection import Connection

_MAX_PULL_REQUESTS: Final = 3
"""The newest ones: each takes two requests."""


@dataclass(frozen=True)
class OpenPullRequest:
    """An open pull request of the person's own.

    Attributes:
        url: Its page.
        snapshot: The repository as it would be once this is merged.
        is_up_to_date: Whether it builds on the repository as it is now, so that nothing can conflict with it.
    """

    url: str
    snapshot: DatasetSnapshot
    is_up_to_date: bool


def find_open_pull_requests(connection: Connection, base: DatasetSnapshot) -> tuple[OpenPullRequest, ...]:
    """The person's open pull requests to a repository whose snapshot was just taken, the newest first.

    Raises:
        HubError: The Hub tells neither who asks, nor which pull requests there are.
    """
    name = read_account(connection.get("/api/whoami-v2").body)
    if name is None:
        return ()
    wanted = urlencode({"p": 0, "type": "pull_request", "status": "open", "author": name})
    listed = connection.get(f"/api/datasets/{base.repo_id}/discussions?{wanted}").body
    found = []
    for number in read_pull_requests(listed, author=name)[:_MAX_PULL_REQUESTS]:
        with suppress(HubError):  # one that can't be read is none that can be reused
            found.append(_open_pull_request(connection, base, number))
    return tuple(one for one in found if one is not None)


def _open_pull_request(connection: Connection, base: DatasetSnapshot, number: int) -> OpenPullRequest | None:
    branch = f"refs/pr/{number}"
    base_path, quoted = f"/api/datasets/{base.repo_id}", quote(branch, safe="")
    snapshot = read_snapshot(connection.get(f"{base_path}/revision/{quoted}?blobs=true").body)
    if snapshot is None:
        return None
    commits = read_commit_ids(connection.get(f"{base_path}/commits/{quoted}").body)
    return OpenPullRequest(
        url=f"{connection.context.page}/discussions/{number}",
        snapshot=replace(snapshot, repo_id=base.repo_id, branch=branch),
        is_up_to_date=base.commit in commits,
    )
