"""The requests to a dataset repository, on a connection that is open.

`HfApi.create_commit` isn't used: it sleeps through rate limits and a Hub that is down, and where it is given up it goes
on in the background and may commit after all. The same two requests are made here, each within its time: the
repository's information, and the commit with its parent.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from budsim_widgets.hub.datasets import response_errors
from budsim_widgets.hub.datasets.dataset_ids import parse_repo_id
from budsim_widgets.hub.datasets.responses import (
    DatasetCommit,
    DatasetSnapshot,
    read_authors,
    read_commit,
    read_last_commits,
    read_snapshot,
)
from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.transport import http_client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from budsim_widgets.hub.transport.connection import Connection


def find_other_kind(kind: str, connection: Connection) -> None:
    """Ask whether there is a repository of another kind under the id."""
    connection.get(f"/api/{kind}/{connection.context.repo_id}")


def take_snapshot(connection: Connection) -> DatasetSnapshot:
    """The repository as it is now."""
    response = connection.get(f"/api/datasets/{connection.context.repo_id}?blobs=true")
    snapshot = read_snapshot(response.body)
    if snapshot is None:
        raise connection_errors.not_a_hub(connection.context)
    if snapshot.is_disabled:
        raise response_errors.disabled(connection.context)
    return replace(snapshot, repo_id=parse_repo_id(snapshot.repo_id))


def read_content(connection: Connection, snapshot: DatasetSnapshot, path: str, max_bytes: int) -> bytes:
    """The content of a file at the commit of a snapshot; of a longer one, a byte more than `max_bytes`."""
    url = f"/datasets/{snapshot.repo_id}/resolve/{snapshot.commit}/{quote(path)}"
    response = connection.get(url, max_bytes=max_bytes + 1)
    if not response.is_of_repo:
        raise connection_errors.not_a_hub(connection.context)
    return response.body


def make_commit(
    connection: Connection,
    snapshot: DatasetSnapshot,
    files: Mapping[str, bytes | None],
    summary: str,
    *,
    as_pull_request: bool,
) -> DatasetCommit:
    """Write files on top of a snapshot, or offer them as a pull request."""
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


def find_authors(connection: Connection, *, snapshot: DatasetSnapshot, paths: Sequence[str]) -> dict[str, str]:
    """The account that last changed each file, where the Hub says so among its last commits."""
    base = f"/api/datasets/{snapshot.repo_id}"
    body = http_client.Body(json.dumps({"paths": list(paths), "expand": True}).encode(), "application/json")
    changed_by = read_last_commits(connection.post(f"{base}/paths-info/{snapshot.commit}", body).body)
    names = read_authors(connection.get(f"{base}/commits/{snapshot.commit}").body)
    return {path: names[commit] for path, commit in changed_by.items() if commit in names}


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
