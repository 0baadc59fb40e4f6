"""A team's data set repository: look at it, read its files, and commit to it.

`HfApi.create_commit` isn't used: it sleeps through rate limits and a Hub that is down, and where it is given up it goes
on in the background and may commit after all. The same two requests are made here, each within its time: the
repository's information, and the commit with its parent.
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from budsim_widgets.errors import HubError, TeamNotFoundError
from budsim_widgets.hub.datasets import response_errors
from budsim_widgets.hub.datasets.dataset_ids import parse_repo_id
from budsim_widgets.hub.datasets.pull_requests import TeamOffer, find_offers
from budsim_widgets.hub.datasets.request import TeamRequest
from budsim_widgets.hub.datasets.responses import (
    MAIN,
    TeamCommit,
    TeamSnapshot,
    read_authors,
    read_commit,
    read_last_commits,
    read_snapshot,
)
from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.transport import session
from budsim_widgets.hub.transport.dispatch import answer
from budsim_widgets.hub.transport.endpoint import current_endpoint
from budsim_widgets.hub.transport.parallel import map_within
from budsim_widgets.hub.transport.request_context import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from budsim_widgets.hub.datasets.translate import Deed

T = TypeVar("T")


class TeamClient:
    """Asks the Hub about a team's data set. Safe to use from several threads at once.

    The person's token is read from HF_TOKEN or the saved login for each question, and not kept.

    Attributes:
        endpoint: The Hub's address, or None: $HF_ENDPOINT as it is when a question is asked, or the real Hub.
        timeout_seconds: The most that one question may take; reading all files is one question, a commit another.

    Example:
        >>> team = TeamClient(timeout_seconds=5)
        >>> team.look("my-org/configs").commit  # doctest: +SKIP
        '3f0b2a…'
    """

    def __init__(self, *, endpoint: str | None = None, timeout_seconds: float = 30.0) -> None:
        self.endpoint = endpoint
        self.timeout_seconds = timeout_seconds

    def look(self, repo_id: str) -> TeamSnapshot:
        """The repository as it is now: its commit and its files' sizes, in one request.

        Raises:
            TeamIdError: The text names no data set.
            HubError: It can't be read; each reason has a class of its own.
        """
        question = self._question(parse_repo_id(repo_id))
        try:
            return self._answer(question, "read", _look)
        except TeamNotFoundError as error:
            raise self._explained(error, question) from None

    def read(self, snapshot: TeamSnapshot, paths: Sequence[str], *, max_bytes: int) -> dict[str, bytes]:
        """The content of files at the commit of a snapshot; of a longer one, a byte more than `max_bytes`.

        Raises:
            HubError: One of them can't be read.
        """

        def ask(request: TeamRequest) -> dict[str, bytes]:
            contents = map_within(request.deadline, lambda path: _content(request, snapshot, path, max_bytes), paths)
            return dict(zip(paths, contents, strict=True))

        return self._answer(self._question(snapshot.repo_id), "read", ask) if paths else {}

    def authors(self, snapshot: TeamSnapshot, paths: Sequence[str]) -> dict[str, str]:
        """The account that last changed each file, where the Hub says so among its last commits."""

        def ask(request: TeamRequest) -> dict[str, str]:
            base = f"/api/datasets/{snapshot.repo_id}"
            body = session.Body(json.dumps({"paths": list(paths), "expand": True}).encode(), "application/json")
            changed_by = read_last_commits(request.post(f"{base}/paths-info/{snapshot.commit}", body).body)
            names = read_authors(request.get(f"{base}/commits/{snapshot.commit}").body)
            return {path: names[commit] for path, commit in changed_by.items() if commit in names}

        try:
            return self._answer(self._question(snapshot.repo_id), "read", ask) if paths else {}
        except HubError:  # a name is worth two requests, and no failure
            return {}

    def offers(self, snapshot: TeamSnapshot) -> tuple[TeamOffer, ...]:
        """The person's own open pull requests, the newest first; none where the Hub doesn't say."""
        try:
            return self._answer(self._question(snapshot.repo_id), "read", lambda asked: find_offers(asked, snapshot))
        except HubError:  # whoever can't look may still offer
            return ()

    def commit(
        self, snapshot: TeamSnapshot, files: Mapping[str, bytes], *, summary: str, as_pull_request: bool = False
    ) -> TeamCommit:
        """Write files on top of a snapshot, on its branch and all in one commit, or offer them as a pull request.

        Raises:
            TeamConflictError: The repository is no longer as it was in the snapshot.
            TeamAccessError: This account may not write there, or not offer a pull request.
            TokenError: Nobody is logged in, or the token is invalid.
            HubError: It can't be written; each reason has a class of its own.
        """

        def ask(request: TeamRequest) -> TeamCommit:
            if request.token is None:
                raise response_errors.not_logged_in(request.question)
            branch = quote(snapshot.branch, safe="")
            path = f"/api/datasets/{snapshot.repo_id}/commit/{branch}{'?create_pr=1' if as_pull_request else ''}"
            body = session.Body(_commit_lines(snapshot, files, summary), "application/x-ndjson")
            page = f"{request.question.page}/{'discussions' if as_pull_request else f'commits/{branch}'}"
            made = read_commit(request.post(path, body).body, page=page, is_pull_request=as_pull_request)
            if made is None:
                raise connection_errors.not_a_hub(request.question)
            return made

        is_offer = as_pull_request or snapshot.branch != MAIN
        return self._answer(self._question(snapshot.repo_id), "offer" if is_offer else "write", ask)

    def _question(self, repo_id: str) -> Question:
        return Question(repo_id, None, current_endpoint(self.endpoint), self.timeout_seconds, subject="data set")

    def _answer(self, question: Question, deed: Deed, ask: Callable[[TeamRequest], T]) -> T:
        try:
            return answer(question, lambda asked, deadline: ask(TeamRequest(asked, deed, deadline)))
        except HubError as error:
            error.model_id = None  # it is about no model
            raise

    def _explained(self, error: TeamNotFoundError, question: Question) -> TeamNotFoundError:
        """The same error, or a better one where the id is that of a model or a Space."""
        for kind, path in (("model", "models"), ("Space", "spaces")):
            with suppress(HubError):
                self._answer(question, "read", partial(_find, path))
                return response_errors.other_kind(question, kind)
        return error


def _find(kind: str, request: TeamRequest) -> None:
    """Ask whether there is a repository of another kind under the id."""
    request.get(f"/api/{kind}/{request.question.model_id}")


def _look(request: TeamRequest) -> TeamSnapshot:
    told = request.get(f"/api/datasets/{request.question.model_id}?blobs=true")
    snapshot = read_snapshot(told.body)
    if snapshot is None:
        raise connection_errors.not_a_hub(request.question)
    if snapshot.is_disabled:
        raise response_errors.disabled(request.question)
    return replace(snapshot, repo_id=parse_repo_id(snapshot.repo_id))


def _content(request: TeamRequest, snapshot: TeamSnapshot, path: str, max_bytes: int) -> bytes:
    url = f"/datasets/{snapshot.repo_id}/resolve/{snapshot.commit}/{quote(path)}"
    told = request.get(url, max_bytes=max_bytes + 1)
    if not told.is_of_repo:
        raise connection_errors.not_a_hub(request.question)
    return told.body


def _commit_lines(snapshot: TeamSnapshot, files: Mapping[str, bytes], summary: str) -> bytes:
    header = {"summary": summary, "description": "", "parentCommit": snapshot.commit}
    lines: list[dict[str, object]] = [{"key": "header", "value": header}]
    for path, content in files.items():
        value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
