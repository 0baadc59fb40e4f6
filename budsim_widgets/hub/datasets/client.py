"""A dataset repository: take a snapshot of it, read its files, and commit to it.

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
from budsim_widgets.hub.datasets.pull_requests import OpenPullRequest, find_open_pull_requests
from budsim_widgets.hub.datasets.responses import (
    MAIN,
    DatasetCommit,
    DatasetSnapshot,
    read_account,
    read_authors,
    read_commit,
    read_last_commits,
    read_snapshot,
)
from budsim_widgets.hub.datasets.translate import translate_dataset_error
from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.transport import http_client
from budsim_widgets.hub.transport.connection import Connection
from budsim_widgets.hub.transport.dispatch import run_requests
from budsim_widgets.hub.transport.endpoint import current_endpoint
from budsim_widgets.hub.transport.parallel import map_within
from budsim_widgets.hub.transport.request_context import RequestContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from budsim_widgets.hub.datasets.translate import Operation
    from budsim_widgets.hub.transport.deadline import Deadline

T = TypeVar("T")


class DatasetClient:
    """Reads and writes dataset repositories. Safe to use from several threads at once.

    The person's token is read from HF_TOKEN or the saved login for each call, and not kept.

    Attributes:
        endpoint: The Hub's address, or None: $HF_ENDPOINT as it is when a request is made, or the real Hub.
        timeout_seconds: The most that one call may take; reading all files is one call, a commit another.

    Example:
        >>> datasets = DatasetClient(timeout_seconds=5)
        >>> datasets.snapshot("my-org/configs").commit  # doctest: +SKIP
        '3f0b2a…'
    """

    def __init__(self, *, endpoint: str | None = None, timeout_seconds: float = 30.0) -> None:
        self.endpoint = endpoint
        self.timeout_seconds = timeout_seconds

    def snapshot(self, repo_id: str) -> DatasetSnapshot:
        """The repository as it is now: its commit and its files' sizes, in one connection.

        Raises:
            TeamIdError: The text names no dataset.
            HubError: It can't be read; each reason has a class of its own.
        """
        context = self._context(parse_repo_id(repo_id))
        try:
            return self._run(context, "read", _snapshot)
        except TeamNotFoundError as error:
            raise self._explained(error, context) from None

    def read(
        self,
        snapshot: DatasetSnapshot,
        paths: Sequence[str],
        *,
        max_bytes: int,
        on_read: Callable[[], None] | None = None,
    ) -> dict[str, bytes]:
        """The content of files at the commit of a snapshot; of a longer one, a byte more than `max_bytes`.

        Args:
            snapshot: The repository.
            paths: The files.
            max_bytes: What is read of each.
            on_read: Called after each, in the thread that read it; what it raises ends the reading.

        Raises:
            HubError: One of them can't be read.
        """

        def requests(connection: Connection) -> dict[str, bytes]:
            def read(path: str) -> bytes:
                content = _content(connection, snapshot, path, max_bytes)
                if on_read is not None:
                    on_read()
                return content

            return dict(zip(paths, map_within(connection.deadline, read, paths), strict=True))

        return self._run(self._context(snapshot.repo_id), "file", requests) if paths else {}

    def authors(self, snapshot: DatasetSnapshot, paths: Sequence[str]) -> dict[str, str]:
        """The account that last changed each file, where the Hub says so among its last commits."""

        def requests(connection: Connection) -> dict[str, str]:
            base = f"/api/datasets/{snapshot.repo_id}"
            body = http_client.Body(json.dumps({"paths": list(paths), "expand": True}).encode(), "application/json")
            changed_by = read_last_commits(connection.post(f"{base}/paths-info/{snapshot.commit}", body).body)
            names = read_authors(connection.get(f"{base}/commits/{snapshot.commit}").body)
            return {path: names[commit] for path, commit in changed_by.items() if commit in names}

        try:
            return self._run(self._context(snapshot.repo_id), "read", requests) if paths else {}
        except HubError:  # a name is worth two requests, and no failure
            return {}

    def account(self, repo_id: str) -> str | None:
        """The person's own account, or None where the Hub doesn't say."""
        try:
            return self._run(
                self._context(parse_repo_id(repo_id)),
                "read",
                lambda connection: read_account(connection.get("/api/whoami-v2").body) if connection.token else None,
            )
        except HubError:  # a name is worth a request, and no failure
            return None

    def open_pull_requests(self, snapshot: DatasetSnapshot) -> tuple[OpenPullRequest, ...]:
        """The person's own open pull requests, the newest first; none where the Hub doesn't say."""
        try:
            return self._run(
                self._context(snapshot.repo_id),
                "read",
                lambda connection: find_open_pull_requests(connection, snapshot),
            )
        except HubError:  # whoever can't list them may still open one
            return ()

    def commit(
        self,
        snapshot: DatasetSnapshot,
        files: Mapping[str, bytes | None],
        *,
        summary: str,
        as_pull_request: bool = False,
    ) -> DatasetCommit:
        """Write files on top of a snapshot, on its branch and all in one commit, or offer them as a pull request.

        A file whose content is None is deleted.

        Raises:
            TeamConflictError: The repository is no longer as it was in the snapshot.
            TeamAccessError: This account may not write there, or not offer a pull request.
            TokenError: Nobody is logged in, or the token is invalid.
            HubError: It can't be written; each reason has a class of its own.
        """

        def requests(connection: Connection) -> DatasetCommit:
            if connection.token is None:
                raise response_errors.not_logged_in(connection.context)
            branch = quote(snapshot.branch, safe="")
            path = f"/api/datasets/{snapshot.repo_id}/commit/{branch}{'?create_pr=1' if as_pull_request else ''}"
            body = http_client.Body(_commit_lines(snapshot, files, summary), "application/x-ndjson")
            page = f"{connection.context.page}/{'discussions' if as_pull_request else f'commits/{branch}'}"
            response = connection.post(path, body)
            if "/api/datasets/" in (response.moved_to or ""):
                raise response_errors.renamed(connection.context)
            made = read_commit(response.body, page=page, is_pull_request=as_pull_request)
            if made is None:
                raise connection_errors.not_a_hub(connection.context)
            return made

        is_for_pull_request = as_pull_request or snapshot.branch != MAIN
        return self._run(self._context(snapshot.repo_id), "pull_request" if is_for_pull_request else "write", requests)

    def _context(self, repo_id: str) -> RequestContext:
        return RequestContext(repo_id, None, current_endpoint(self.endpoint), self.timeout_seconds, subject="dataset")

    def _run(self, context: RequestContext, operation: Operation, requests: Callable[[Connection], T]) -> T:
        try:
            return run_requests(context, lambda context, deadline: requests(_connect(context, operation, deadline)))
        except HubError as error:
            error.model_id = None  # it is about no model
            raise

    def _explained(self, error: TeamNotFoundError, context: RequestContext) -> TeamNotFoundError:
        """The same error, or a better one where the id is that of a model or a Space."""
        for kind, path in (("model", "models"), ("Space", "spaces")):
            with suppress(HubError):
                self._run(context, "read", partial(_find, path))
                return response_errors.other_kind(context, kind)
        return error


def _connect(context: RequestContext, operation: Operation, deadline: Deadline) -> Connection:
    """A connection with the person's token; one that can't be sent is an error here, since nothing public is read."""
    token = http_client.current_token()
    login = context.with_token(token.source if token else None, "sent" if token else "none")
    if token is not None and not token.is_sendable:
        raise response_errors.unusable_token(login)
    return Connection(login, deadline, partial(translate_dataset_error, operation=operation), token)


def _find(kind: str, connection: Connection) -> None:
    """Ask whether there is a repository of another kind under the id."""
    connection.get(f"/api/{kind}/{connection.context.repo_id}")


def _snapshot(connection: Connection) -> DatasetSnapshot:
    response = connection.get(f"/api/datasets/{connection.context.repo_id}?blobs=true")
    snapshot = read_snapshot(response.body)
    if snapshot is None:
        raise connection_errors.not_a_hub(connection.context)
    if snapshot.is_disabled:
        raise response_errors.disabled(connection.context)
    return replace(snapshot, repo_id=parse_repo_id(snapshot.repo_id))


def _content(connection: Connection, snapshot: DatasetSnapshot, path: str, max_bytes: int) -> bytes:
    url = f"/datasets/{snapshot.repo_id}/resolve/{snapshot.commit}/{quote(path)}"
    response = connection.get(url, max_bytes=max_bytes + 1)
    if not response.is_of_repo:
        raise connection_errors.not_a_hub(connection.context)
    return response.body


def _commit_lines(snapshot: DatasetSnapshot, files: Mapping[str, bytes | None], summary: str) -> bytes:
    header = {"summary": summary, "description": "", "parentCommit": snapshot.commit}
    lines: list[dict[str, object]] = [{"key": "header", "value": header}]
    for path, content in files.items():
        if content is None:
            lines.append({"key": "deletedFile", "value": {"path": path}})
            continue
        value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
