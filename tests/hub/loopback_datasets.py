"""Data set repositories of the loopback Hub: roles, commits on a parent, pull requests.

Sentences, statuses and fields are those of the real Hub, as far as its client and this package look at them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, quote, unquote

from hub.answers import Answer, error_answer, json_answer, missing, redirect

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.scenario import Account

Role = Literal["read", "write", "offer"]  # offer: read, with a token that may open pull requests

_ID = r"(?P<id>[^/]+/[^/]+)"
_API = re.compile(rf"/api/datasets/{_ID}(?:/(?P<verb>[a-z-]+)(?:/(?P<rest>.+))?)?")
_FILE = re.compile(rf"(?P<prefix>/api/resolve-cache)?/datasets/{_ID}(?:/resolve)?/(?P<revision>[^/]+)/(?P<file>.+)")


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit: what its author left in the repository."""

    files: tuple[tuple[str, bytes], ...] = ()
    author: str = "system"
    title: str = "initial commit"
    parent: str = ""

    @cached_property
    def sha(self) -> str:
        seen = repr((self.parent, self.author, self.title, self.files)).encode()
        return hashlib.sha1(seen, usedforsecurity=False).hexdigest()

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The files by their path."""
        return dict(self.files)


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """Commits that were offered, oldest first; its number is its place."""

    author: str
    title: str
    commits: tuple[Commit, ...]
    status: Literal["open", "merged", "closed"] = "open"

    @property
    def head(self) -> Commit:
        return self.commits[-1]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset repository.

    Attributes:
        repo_id: Its canonical id.
        commits: The main branch, oldest first.
        roles: What each account may do, by its name; of a private one, the others don't know that it exists.
        pull_requests: What was offered.
        lists_pull_requests: Whether it lists them.
    """

    repo_id: str
    commits: tuple[Commit, ...] = (Commit(files=((".gitattributes", b"*.parquet lfs\n"),)),)
    roles: tuple[tuple[str, Role], ...] = ()
    is_private: bool = True
    is_disabled: bool = False
    is_gated: bool = False
    aliases: tuple[str, ...] = ()
    pull_requests: tuple[PullRequest, ...] = ()
    lists_pull_requests: bool = True

    @property
    def head(self) -> Commit:
        return self.commits[-1]

    def at(self, revision: str) -> Commit | None:
        history = self.history_of(revision)
        return history[-1] if history else None

    def history_of(self, revision: str) -> tuple[Commit, ...]:
        """The commits of a branch, of a pull request with those that it builds on, or up to a commit; oldest first."""
        if revision == "main":
            return self.commits
        pull_request = self.pull_request_at(revision)
        if pull_request is not None:
            return self._line(pull_request)
        for line in (self.commits, *map(self._line, self.pull_requests)):
            for place, commit in enumerate(line):
                if commit.sha == revision:
                    return line[: place + 1]
        return ()

    def pull_request_at(self, branch: str) -> PullRequest | None:
        number = branch.removeprefix("refs/pr/")
        is_one = number != branch and number.isdecimal() and 0 < int(number) <= len(self.pull_requests)
        return self.pull_requests[int(number) - 1] if is_one else None

    def _line(self, pull_request: PullRequest) -> tuple[Commit, ...]:
        place = next(n for n, commit in enumerate(self.commits) if commit.sha == pull_request.commits[0].parent)
        return (*self.commits[: place + 1], *pull_request.commits)

    def with_pull_request(self, branch: str, changed: PullRequest) -> Dataset:
        """The same with another state of a pull request."""
        number = int(branch.removeprefix("refs/pr/"))
        return replace(self, pull_requests=(*self.pull_requests[: number - 1], changed, *self.pull_requests[number:]))

    def with_files(self, author: str, title: str, changed: dict[str, bytes | None]) -> Dataset:
        """The same with another commit; None removes a file."""
        return replace(self, commits=(*self.commits, changed_by(self.head, author, title, changed)))


def changed_by(parent: Commit, author: str, title: str, changed: dict[str, bytes | None]) -> Commit:
    files = {**dict(parent.files), **changed}
    kept = tuple((path, content) for path, content in files.items() if content is not None)
    return Commit(files=kept, author=author, title=title, parent=parent.sha)


@dataclass
class Request:
    """What reached the Hub."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""

    def asks(self, name: str) -> bool:
        return parse_qs(self.query).get(name, ["0"])[0].lower() in {"1", "true"}


@dataclass
class Datasets:
    """All datasets of a loopback Hub, changed by one request at a time.

    Attributes:
        before_commit: Called with each commit request before it is looked at: the place to push something first.
        site: The Hub's address, as its answers repeat it.
    """

    repos: dict[str, Dataset] = field(default_factory=dict)
    before_commit: Callable[[Request], None] | None = None
    site: str = "https://huggingface.co"
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, repo: Dataset) -> None:
        with self._lock:
            self.repos[repo.repo_id.lower()] = repo

    def get(self, repo_id: str) -> Dataset:
        return self.repos[repo_id.lower()]

    def push(self, repo_id: str, author: str, files: dict[str, bytes | None], *, title: str = "by hand") -> None:
        """A commit of somebody who doesn't use this package."""
        with self._lock:
            self.put(self.get(repo_id).with_files(author, title, files))

    def answer(self, request: Request, account: Account | None, *, is_stale: bool) -> Answer | None:
        """The answer to a request about a dataset, or None if it is about something else."""
        match = _API.fullmatch(request.path) or _FILE.fullmatch(request.path)
        if match is None:
            return None
        asked_id = unquote(match["id"])
        repo = self._find(asked_id)
        if is_stale:
            return error_answer(401, "Invalid credentials in Authorization header")
        if repo is None or _role(repo, account) is None:
            return missing(account is not None)
        if repo.repo_id != asked_id:
            query = f"?{request.query}" if request.query else ""
            return redirect(request.path.replace(match["id"], repo.repo_id, 1) + query)
        return self._answer(repo, match, request, account)

    def _answer(self, repo: Dataset, match: re.Match[str], request: Request, account: Account | None) -> Answer:
        if match.re is _FILE:
            return _file(repo, match, account)
        if match["verb"] in {"commit", "preupload"}:
            return self._write(repo.repo_id, match, request, account)
        if match["verb"] == "discussions":
            return _discussions(repo, request)
        return _asked(repo, match, request)

    def _find(self, repo_id: str) -> Dataset | None:
        by_name = {name.lower(): repo for repo in self.repos.values() for name in (repo.repo_id, *repo.aliases)}
        return by_name.get(repo_id.lower())

    def _write(self, repo_id: str, match: re.Match[str], request: Request, account: Account | None) -> Answer:
        if account is None:
            return error_answer(401, "Invalid username or password.")
        if match["verb"] == "commit" and self.before_commit is not None:
            self.before_commit(request)
        with self._lock:
            repo = self.get(repo_id)
            branch = unquote(match["rest"])
            refusal = _may_not_write(repo, account, branch, is_new_pull_request=request.asks("create_pr"))
            if refusal is not None:
                return refusal
            if match["verb"] == "preupload":
                return _upload_modes(repo, request)
            repo, told = _committed(repo, account, branch, request, self.site)
            self.put(repo)
            return told


def blob_id(content: bytes) -> str:
    """git's id of a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _role(repo: Dataset, account: Account | None) -> Role | None:
    role = dict(repo.roles).get(account.name) if account else None
    return role or (None if repo.is_private else "read")


def _may_not_write(repo: Dataset, account: Account, branch: str, *, is_new_pull_request: bool) -> Answer | None:
    role = _role(repo, account)
    offered = repo.pull_request_at(branch)
    if is_new_pull_request or (offered is not None and offered.author == account.name):
        return None if role in {"write", "offer"} else error_answer(403, "Authorization error.")
    if role != "write":
        return error_answer(403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
    return None


def _asked(repo: Dataset, match: re.Match[str], request: Request) -> Answer:
    verb, rest = match["verb"], match["rest"] or "main"
    revision, _, folder = (unquote(part) for part in rest.partition("/"))
    commit = repo.at("main" if verb is None else revision)
    if commit is None:
        return error_answer(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
    if verb in {None, "revision"}:
        return json_answer(_published(repo, commit, with_blobs=request.asks("blobs")))
    if verb == "tree":
        return _tree(repo, commit, unquote(folder), request)
    if verb == "paths-info":
        return _paths_info(repo, commit, request)
    if verb == "commits":
        return json_answer(_history(repo.history_of(revision)))
    return error_answer(404, "Sorry, there is no such page.")


def _published(repo: Dataset, commit: Commit, *, with_blobs: bool) -> dict[str, Any]:
    blobs = {path: {"size": len(content), "blobId": blob_id(content)} for path, content in commit.files}
    return {
        "_id": commit.sha[:24],
        "id": repo.repo_id,
        "author": repo.repo_id.partition("/")[0],
        "sha": commit.sha,
        "private": repo.is_private,
        "gated": "manual" if repo.is_gated else False,
        "disabled": repo.is_disabled,
        "tags": ["region:us"],
        "downloads": 0,
        "likes": 0,
        "createdAt": "2026-01-05T09:00:00.000Z",
        "lastModified": "2026-01-06T09:00:00.000Z",
        "siblings": [{"rfilename": path, **(blobs[path] if with_blobs else {})} for path, _ in commit.files],
    }


def _tree(repo: Dataset, commit: Commit, folder: str, request: Request) -> Answer:
    inside = [(path, content) for path, content in commit.files if path.startswith(f"{folder}/" if folder else "")]
    if folder and not inside:
        return error_answer(404, f'{folder} does not exist on "main"', code="EntryNotFound")
    return json_answer([_entry(repo, path, content, request.asks("expand")) for path, content in inside])


def _paths_info(repo: Dataset, commit: Commit, request: Request) -> Answer:
    if request.content_type.startswith("application/json"):
        asked = json.loads(request.body)
        paths, is_expanded = asked["paths"], bool(asked.get("expand"))
    else:
        form = parse_qs(request.body.decode())
        paths, is_expanded = form.get("paths", []), form.get("expand", ["false"])[0] == "true"
    entries = [_entry(repo, path, content, is_expanded) for path, content in commit.files if path in paths]
    return json_answer(entries)


def _entry(repo: Dataset, path: str, content: bytes, is_expanded: bool) -> dict[str, Any]:  # noqa: FBT001
    entry = {"type": "file", "oid": blob_id(content), "size": len(content), "path": path}
    if not is_expanded:
        return entry
    last = next(commit for commit in repo.commits if dict(commit.files).get(path) == content)
    return {**entry, "lastCommit": {"id": last.sha, "title": last.title, "date": "2026-01-06T09:00:00.000Z"}}


def _history(commits: tuple[Commit, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": commit.sha,
            "title": commit.title,
            "message": "",
            "authors": [{"user": commit.author, "avatar": ""}],
            "date": "2026-01-06T09:00:00.000Z",
        }
        for commit in reversed(commits[-50:])
    ]


def _discussions(repo: Dataset, request: Request) -> Answer:
    if not repo.lists_pull_requests:
        return error_answer(403, "Discussions are disabled for this repo")
    asked = {name: values[0] for name, values in parse_qs(request.query).items()}
    entries = [
        {
            "num": number,
            "title": offered.title,
            "status": offered.status,
            "isPullRequest": True,
            "author": {"name": offered.author, "type": "user"},
            "createdAt": "2026-01-06T09:00:00.000Z",
            "repo": {"name": repo.repo_id, "type": "dataset"},
        }
        for number, offered in enumerate(repo.pull_requests, 1)
        if asked.get("author") in {None, offered.author}
        and (asked.get("status") in {None, "all"} or (asked["status"] == "open") == (offered.status == "open"))
    ]
    return json_answer({"discussions": entries[::-1], "count": len(entries), "start": 0})


def _file(repo: Dataset, match: re.Match[str], account: Account | None) -> Answer:
    if repo.is_disabled:
        return error_answer(403, "Access to this resource is disabled.")
    if repo.is_gated and (account is None or account.name not in dict(repo.roles)):
        sentence = "is restricted and you are not in the authorized list."
        return error_answer(403, f"Access to dataset {repo.repo_id} {sentence}", code="GatedRepo")
    revision, path = unquote(match["revision"]), unquote(match["file"])
    commit = repo.at(revision)
    if commit is None:
        return error_answer(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
    head = (("X-Repo-Commit", commit.sha),)
    content = commit.contents.get(path)
    if content is None:
        return error_answer(404, "Entry not found", code="EntryNotFound", headers=head)
    if match["prefix"]:
        told = (*head, ("ETag", f'"{blob_id(content)}"'), ("Content-Type", "text/plain; charset=utf-8"))
        return Answer(200, content, told)
    location = f"/api/resolve-cache/datasets/{repo.repo_id}/{commit.sha}/{quote(path)}"
    etag = (("X-Linked-Etag", f'"{blob_id(content)}"'), ("X-Linked-Size", str(len(content))))
    return redirect(location, (*head, *etag))


def _upload_modes(repo: Dataset, request: Request) -> Answer:
    there = dict(repo.head.files)
    modes = [
        {
            "path": file["path"],
            "uploadMode": "regular",
            "shouldIgnore": False,
            "oid": blob_id(there[file["path"]]) if file["path"] in there else None,
        }
        for file in json.loads(request.body)["files"]
    ]
    return json_answer({"files": modes})


def _committed(repo: Dataset, account: Account, branch: str, request: Request, site: str) -> tuple[Dataset, Answer]:
    header, changed = _read_commit(request.body)
    is_new_pull_request = request.asks("create_pr")
    head = repo.at(branch)
    if head is None:
        return repo, error_answer(404, f"Invalid rev id: {branch}", code="RevisionNotFound")
    parent = repo.at(header.get("parentCommit") or head.sha)
    if parent is None or (parent != head and not is_new_pull_request):
        return repo, error_answer(412, "A commit has happened since. Please refresh and try again.")
    made = changed_by(parent, account.name, header["summary"], changed)
    page = f"{site}/datasets/{repo.repo_id}"
    told = {"success": True, "commitOid": made.sha, "commitUrl": f"{page}/commit/{made.sha}", "hookOutput": ""}
    offered = repo.pull_request_at(branch)
    if offered is not None:
        return repo.with_pull_request(branch, replace(offered, commits=(*offered.commits, made))), json_answer(told)
    if not is_new_pull_request:
        return replace(repo, commits=(*repo.commits, made)), json_answer(told)
    opened = PullRequest(author=account.name, title=header["summary"], commits=(made,))
    repo = replace(repo, pull_requests=(*repo.pull_requests, opened))
    return repo, json_answer({**told, "pullRequestUrl": f"{page}/discussions/{len(repo.pull_requests)}"})


def _read_commit(body: bytes) -> tuple[dict[str, Any], dict[str, bytes | None]]:
    header: dict[str, Any] = {}
    changed: dict[str, bytes | None] = {}
    for line in map(json.loads, body.splitlines()):
        key, value = line["key"], line["value"]
        if key == "header":
            header = value
        elif key == "file":
            changed[value["path"]] = base64.b64decode(value["content"])
        elif key == "deletedFile":
            changed[value["path"]] = None
    return header, changed
