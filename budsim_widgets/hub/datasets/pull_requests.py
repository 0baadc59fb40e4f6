"""Pull requests of the person's own that are still open: what they would leave in the repository."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from budsim_widgets.errors import HubError
from budsim_widgets.hub.datasets.responses import (
    TeamSnapshot,
    read_account,
    read_commit_ids,
    read_pull_requests,
    read_snapshot,
)

if TYPE_CHECKING:
    from budsim_widgets.hub.datasets.request import TeamRequest

_MAX_OFFERS: Final = 3
"""The newest ones: each takes two requests."""


@dataclass(frozen=True)
class TeamOffer:
    """An open pull request of the person's own.

    Attributes:
        url: Its page.
        snapshot: The repository as it would be once this is merged.
        is_on_top: Whether it builds on the repository as it is now, so that nothing can conflict with it.
    """

    url: str
    snapshot: TeamSnapshot
    is_on_top: bool


def find_offers(request: TeamRequest, base: TeamSnapshot) -> tuple[TeamOffer, ...]:
    """The person's open pull requests to a repository that was just looked at, the newest first.

    Raises:
        HubError: The Hub tells neither who asks, nor which pull requests there are.
    """
    name = read_account(request.get("/api/whoami-v2").body)
    if name is None:
        return ()
    wanted = urlencode({"p": 0, "type": "pull_request", "status": "open", "author": name})
    listed = request.get(f"/api/datasets/{base.repo_id}/discussions?{wanted}").body
    offers = []
    for number in read_pull_requests(listed, author=name)[:_MAX_OFFERS]:
        with suppress(HubError):  # one that can't be read is none that can be gone on with
            offers.append(_offer(request, base, number))
    return tuple(offer for offer in offers if offer is not None)


def _offer(request: TeamRequest, base: TeamSnapshot, number: int) -> TeamOffer | None:
    branch = f"refs/pr/{number}"
    place, quoted = f"/api/datasets/{base.repo_id}", quote(branch, safe="")
    snapshot = read_snapshot(request.get(f"{place}/revision/{quoted}?blobs=true").body)
    if snapshot is None:
        return None
    commits = read_commit_ids(request.get(f"{place}/commits/{quoted}").body)
    return TeamOffer(
        url=f"{request.question.page}/discussions/{number}",
        snapshot=replace(snapshot, repo_id=base.repo_id, branch=branch),
        is_on_top=base.commit in commits,
    )
