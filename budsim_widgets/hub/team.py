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
from budsim_widgets.hub import session, team_refusals, trouble
from budsim_widgets.hub.answering import answer, current_endpoint
from budsim_widgets.hub.parallel import map_within
from budsim_widgets.hub.question import Question
from budsim_widgets.hub.team_answers import (
    TeamCommit,
    TeamSnapshot,
    read_authors,
    read_commit,
    read_last_commits,
    read_snapshot,
)
from budsim_widgets.hub.team_ids import parse_repo_id
from budsim_widgets.hub.team_refusals import translate_team

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from budsim_widgets.hub.deadline import Deadline
    from budsim_widgets.hub.team_refusals import Deed

T = TypeVar("T")

_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_BRANCH = "main"


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

        def ask(request: _Request) -> dict[str, bytes]:
            contents = map_within(request.deadline, lambda path: _content(request, snapshot, path, max_bytes), paths)
            return dict(zip(paths, contents, strict=True))

        return self._answer(self._question(snapshot.repo_id), "read", ask) if paths else {}

    def authors(self, snapshot: TeamSnapshot, paths: Sequence[str]) -> dict[str, str]:
        """The account that last changed each file, where the Hub says so among its last commits."""

        def ask(request: _Request) -> dict[str, str]:
            base = f"/api/datasets/{snapshot.repo_id}"
            body = session.Body(json.dumps({"paths": list(paths), "expand": True}).encode(), "application/json")
            changed_by = read_last_commits(request.post(f"{base}/paths-info/{snapshot.commit}", body).body)
            names = read_authors(request.get(f"{base}/commits/{snapshot.commit}", max_bytes=_MAX_ANSWER_BYTES).body)
            return {path: names[commit] for path, commit in changed_by.items() if commit in names}

        try:
            return self._answer(self._question(snapshot.repo_id), "read", ask) if paths else {}
        except HubError:  # a name is worth two requests, and no failure
            return {}

    def commit(
        self, snapshot: TeamSnapshot, files: Mapping[str, bytes], *, summary: str, as_pull_request: bool = False
    ) -> TeamCommit:
        """Write files on top of a snapshot, all in one commit, or offer them as a pull request.

        Raises:
            TeamConflictError: The repository is no longer as it was in the snapshot.
            TeamAccessError: This account may not write there, or not offer a pull request.
            TokenError: Nobody is logged in, or the token is invalid.
            HubError: It can't be written; each reason has a class of its own.
        """

        def ask(request: _Request) -> TeamCommit:
            if request.token is None:
                raise team_refusals.not_logged_in(request.question)
            path = f"/api/datasets/{snapshot.repo_id}/commit/{_BRANCH}{'?create_pr=1' if as_pull_request else ''}"
            body = session.Body(_commit_lines(snapshot, files, summary), "application/x-ndjson")
            page = f"{request.question.page}/{'discussions' if as_pull_request else f'commits/{_BRANCH}'}"
            made = read_commit(request.post(path, body).body, page=page, is_pull_request=as_pull_request)
            if made is None:
                raise trouble.not_a_hub(request.question)
            return made

        return self._answer(self._question(snapshot.repo_id), "offer" if as_pull_request else "write", ask)

    def _question(self, repo_id: str) -> Question:
        return Question(repo_id, None, current_endpoint(self.endpoint), self.timeout_seconds, subject="data set")

    def _answer(self, question: Question, deed: Deed, ask: Callable[[_Request], T]) -> T:
        try:
            return answer(question, lambda asked, deadline: ask(_Request(asked, deed, deadline)))
        except HubError as error:
            error.model_id = None  # it is about no model
            raise

    def _explained(self, error: TeamNotFoundError, question: Question) -> TeamNotFoundError:
        """The same error, or a better one where the id is that of a model or a Space."""
        for kind, path in (("model", "models"), ("Space", "spaces")):
            with suppress(HubError):
                self._answer(question, "read", partial(_find, path))
                return team_refusals.other_kind(question, kind)
        return error


class _Request:
    """One question on its way: with the person's token, within its deadline, its errors translated."""

    def __init__(self, question: Question, deed: Deed, deadline: Deadline) -> None:
        self.token = session.current_token()
        self.deadline = deadline
        self._deed = deed
        self.question = replace(
            question, token_source=self.token.source if self.token else None, login="sent" if self.token else "none"
        )
        if self.token is not None and not self.token.is_sendable:
            raise team_refusals.unusable_token(self.question)

    def get(self, path: str, *, max_bytes: int) -> session.Answer:
        return self._translated(
            lambda url: session.get(url, self.token, self.deadline, max_bytes=max_bytes),
            path,
        )

    def post(self, path: str, body: session.Body) -> session.Answer:
        return self._translated(
            lambda url: session.post(url, self.token, self.deadline, body=body, max_bytes=_MAX_ANSWER_BYTES),
            path,
        )

    def _translated(self, ask: Callable[[str], session.Answer], path: str) -> session.Answer:
        try:
            return ask(self.question.endpoint + path)
        except Exception as error:  # the client's classes have no common base; what isn't its own goes on
            translated = translate_team(error, self.question, self._deed)
            if translated is None:
                raise
            raise translated from None


def _find(kind: str, request: _Request) -> None:
    """Ask whether there is a repository of another kind under the id."""
    request.get(f"/api/{kind}/{request.question.model_id}", max_bytes=_MAX_ANSWER_BYTES)


def _look(request: _Request) -> TeamSnapshot:
    told = request.get(f"/api/datasets/{request.question.model_id}?blobs=true", max_bytes=_MAX_ANSWER_BYTES)
    snapshot = read_snapshot(told.body)
    if snapshot is None:
        raise trouble.not_a_hub(request.question)
    if snapshot.is_disabled:
        raise team_refusals.disabled(request.question)
    return replace(snapshot, repo_id=parse_repo_id(snapshot.repo_id))


def _content(request: _Request, snapshot: TeamSnapshot, path: str, max_bytes: int) -> bytes:
    url = f"/datasets/{snapshot.repo_id}/resolve/{snapshot.commit}/{quote(path)}"
    told = request.get(url, max_bytes=max_bytes + 1)
    if told.commit is None:
        raise trouble.not_a_hub(request.question)
    return told.body


def _commit_lines(snapshot: TeamSnapshot, files: Mapping[str, bytes], summary: str) -> bytes:
    header = {"summary": summary, "description": "", "parentCommit": snapshot.commit}
    lines: list[dict[str, object]] = [{"key": "header", "value": header}]
    for path, content in files.items():
        value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
