"""A dataset repository: take a snapshot of it, read its files, and commit to it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from budsim_widgets.errors import HubError, TeamNotFoundError
from budsim_widgets.hub.datasets import requests, response_errors
from budsim_widgets.hub.datasets.dataset_ids import parse_repo_id
from budsim_widgets.hub.datasets.pull_requests import OpenPullRequest, find_open_pull_requests
from budsim_widgets.hub.datasets.responses import (
    MAIN,
    DatasetCommit,
    DatasetSnapshot,
    read_account,
)
from budsim_widgets.hub.datasets.translate import translate_dataset_error
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
            return self._run(context, "read", requests.take_snapshot)
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

        def read_all(connection: Connection) -> dict[str, bytes]:
            def read(path: str) -> bytes:
                content = requests.read_content(connection, snapshot, path, max_bytes)
                if on_read is not None:
                    on_read()
                return content

            return dict(zip(paths, map_within(connection.deadline, read, paths), strict=True))

        return self._run(self._context(snapshot.repo_id), "file", read_all) if paths else {}

    def authors(self, snapshot: DatasetSnapshot, paths: Sequence[str]) -> dict[str, str]:
        """The account that last changed each file, where the Hub says so among its last commits."""
        if not paths:
            return {}
        find = partial(requests.find_authors, snapshot=snapshot, paths=paths)
        try:
            return self._run(self._context(snapshot.repo_id), "read", find)
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

        def request(connection: Connection) -> DatasetCommit:
            return requests.make_commit(connection, snapshot, files, summary, as_pull_request=as_pull_request)

        is_for_pull_request = as_pull_request or snapshot.branch != MAIN
        return self._run(self._context(snapshot.repo_id), "pull_request" if is_for_pull_request else "write", request)

    def _context(self, repo_id: str) -> RequestContext:
        return RequestContext(repo_id, None, current_endpoint(self.endpoint), self.timeout_seconds, subject="dataset")

    def _run(self, context: RequestContext, operation: Operation, request: Callable[[Connection], T]) -> T:
        try:
            return run_requests(context, lambda context, deadline: request(_connect(context, operation, deadline)))
        except HubError as error:
            error.model_id = None  # it is about no model
            raise

    def _explained(self, error: TeamNotFoundError, context: RequestContext) -> TeamNotFoundError:
        """The same error, or a better one where the id is that of a model or a Space."""
        for kind, path in (("model", "models"), ("Space", "spaces")):
            with suppress(HubError):
                self._run(context, "read", partial(requests.find_other_kind, path))
                return response_errors.other_kind(context, kind)
        return error


def _connect(context: RequestContext, operation: Operation, deadline: Deadline) -> Connection:
    """A connection with the person's token; one that can't be sent is an error here, since nothing public is read."""
    token = http_client.current_token()
    login = context.with_token(token.source if token else None, "sent" if token else "none")
    if token is not None and not token.is_sendable:
        raise response_errors.unusable_token(login)
    return Connection(login, deadline, partial(translate_dataset_error, operation=operation), token)
