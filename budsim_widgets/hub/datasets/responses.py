"""What the Hub responds about datasets, read from its JSON as far as it is what it should be."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from budsim_widgets.hub.ids.commits import as_commit

MAIN: Final = "main"

_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?")


@dataclass(frozen=True)
class DatasetFile:
    """A file of a team's repository: its size, and git's id of its content."""

    path: str
    size_bytes: int
    blob_id: str


@dataclass(frozen=True)
class DatasetSnapshot:
    """A team's repository at one commit.

    Attributes:
        repo_id: Its canonical id.
        commit: The commit that was read.
        files: Its files by their path.
        is_disabled: Whether the Hub has taken it down.
        branch: Where that commit is the last one; a pull request is a branch, too, such as `refs/pr/3`.
    """

    repo_id: str
    commit: str
    files: dict[str, DatasetFile] = field(repr=False)
    is_disabled: bool = False
    branch: str = MAIN


@dataclass(frozen=True)
class DatasetCommit:
    """A commit that was made: its id and its page, or the page of the pull request."""

    commit: str
    url: str


def blob_id(content: bytes) -> str:
    """Git's id of a file's content: what the Hub says about a file that holds just this.

    Example:
        >>> blob_id(b"")
        'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def read_snapshot(body: bytes) -> DatasetSnapshot | None:
    """A repository's information, or None if it isn't that (a portal's page, another site)."""
    parsed = _parsed(body)
    if not isinstance(parsed, dict) or not isinstance(parsed.get("id"), str) or as_commit(parsed.get("sha")) is None:
        return None
    siblings = parsed.get("siblings")
    files = [_file(sibling, parsed["sha"]) for sibling in siblings] if isinstance(siblings, list) else []
    return DatasetSnapshot(
        repo_id=parsed["id"],
        commit=parsed["sha"],
        files={file.path: file for file in files if file is not None},
        is_disabled=parsed.get("disabled") is True,
    )


def read_last_commits(body: bytes) -> dict[str, str]:
    """The last commit that changed each file, by the file's path."""
    parsed = _parsed(body)
    entries = [entry for entry in parsed if isinstance(entry, dict)] if isinstance(parsed, list) else []
    found: dict[str, str] = {}
    for entry in entries:
        path, last = entry.get("path"), entry.get("lastCommit")
        commit = last.get("id") if isinstance(last, dict) else None
        if isinstance(path, str) and isinstance(commit, str):
            found[path] = commit
    return found


def read_authors(body: bytes) -> dict[str, str]:
    """The account behind each commit; a name that can't be an account's is left out."""
    parsed = _parsed(body)
    entries = [entry for entry in parsed if isinstance(entry, dict)] if isinstance(parsed, list) else []
    found: dict[str, str] = {}
    for entry in entries:
        authors = entry.get("authors")
        first = authors[0] if isinstance(authors, list) and authors else None
        name = first.get("user") if isinstance(first, dict) else None
        if isinstance(name, str) and _ACCOUNT.fullmatch(name) and isinstance(entry.get("id"), str):
            found[entry["id"]] = name
    return found


def read_commit_ids(body: bytes) -> frozenset[str]:
    """The last commits of a branch."""
    parsed = _parsed(body)
    entries = [entry for entry in parsed if isinstance(entry, dict)] if isinstance(parsed, list) else []
    return frozenset(entry["id"] for entry in entries if isinstance(entry.get("id"), str))


def read_pull_requests(body: bytes, *, author: str) -> tuple[int, ...]:
    """Numbers of the open pull requests of one account, the newest first.

    The Hub was asked for just these; they are looked at again, since nobody else's may be written to.
    """
    parsed = _parsed(body)
    listed = parsed.get("discussions") if isinstance(parsed, dict) else None
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    found = [entry["num"] for entry in entries if _is_open_and_of(entry, author)]
    return tuple(sorted(found, reverse=True))


def _is_open_and_of(entry: dict[str, Any], author: str) -> bool:
    by = entry.get("author")
    return (
        entry.get("isPullRequest") is True
        and entry.get("status") in {"open", "draft"}
        and type(entry.get("num")) is int
        and isinstance(by, dict)
        and by.get("name") == author
    )


def read_account(body: bytes) -> str | None:
    """The name of the account behind the token, or None."""
    parsed = _parsed(body)
    name = parsed.get("name") if isinstance(parsed, dict) else None
    return name if isinstance(name, str) else None


def read_commit(body: bytes, *, page: str, is_pull_request: bool) -> DatasetCommit | None:
    """A commit's response, or None if it isn't that; an address that leads elsewhere is replaced by `page`."""
    parsed = _parsed(body)
    if not isinstance(parsed, dict) or as_commit(parsed.get("commitOid")) is None:
        return None
    url = parsed.get("pullRequestUrl" if is_pull_request else "commitUrl")
    is_there = isinstance(url, str) and _origin(url) == _origin(page) and url.isprintable()
    return DatasetCommit(parsed["commitOid"], str(url) if is_there else page)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _file(sibling: Any, commit: str) -> DatasetFile | None:
    if not isinstance(sibling, dict) or not isinstance(sibling.get("rfilename"), str):
        return None
    size, blob = sibling.get("size"), sibling.get("blobId")
    return DatasetFile(
        path=sibling["rfilename"],
        size_bytes=size if isinstance(size, int) else 0,
        blob_id=blob if isinstance(blob, str) else f"{commit}:{sibling['rfilename']}",
    )


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
