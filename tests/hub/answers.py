"""Which answer the Hub gives to which request: a pure function, without sockets.

Statuses, headers and sentences are those of the real Hub, in the order in which it checks: region, existence, gate,
credentials, disabled, revision, file.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from hub.scenario import Account, Portal, RateLimit, Region, Repo, Status

_ID = r"(?P<id>[^/]+(?:/[^/]+)?)"
_REVISION = r"(?P<revision>refs/pr/\d+|[^/]+)"
_FILE = re.compile(rf"/{_ID}/resolve/{_REVISION}/(?P<file>.+)")
_CACHED_FILE = re.compile(rf"/api/resolve-cache/models/(?P<id>[^/]+(?:/[^/]+)?)/{_REVISION}/(?P<file>[^/].*)")
_INFO = re.compile(rf"/api/models/{_ID}(?:/revision/{_REVISION})?")
_PAGE = re.compile(rf"/{_ID}")
_PUBLIC_FILES = ("README.md", "LICENSE", ".gitattributes")

_GATE_SENTENCES = {
    "pending": "Your request to access model {id} is awaiting a review from the repo authors.",
    "rejected": "Your request to access model {id} has been rejected by the repo's authors.",
    "reset": "Your access to model {id} has been reset by the repo's authors.",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hub:
    """What the Hub knows while it answers one request."""

    repos: tuple[Repo, ...]
    accounts: tuple[Account, ...]

    def account(self, token: str | None) -> Account | None:
        return next((account for account in self.accounts if account.token == token), None)

    def find(self, model_id: str) -> tuple[Repo | None, bool]:
        """The repository, and whether the id is its canonical one."""
        for repo in self.repos:
            if repo.model_id == model_id:
                return repo, True
        return next((repo for repo in self.repos if _is_also_called(repo, model_id)), None), False


def _is_also_called(repo: Repo, model_id: str) -> bool:
    return model_id.lower() in (name.lower() for name in (repo.model_id, *repo.aliases))


_EXTRAS = {"/api/agent-harnesses": {"standardEnvVars": [], "harnesses": {}}}


def answer(hub: Hub, path: str, token: str | None) -> Answer:
    """Answer GET or HEAD of `path` (still percent-encoded, without the query)."""
    if path == "/api/whoami-v2":
        return _whoami(hub.account(token), is_anonymous=token is None)
    if path in _EXTRAS:
        return json_answer(_EXTRAS[path])
    if match := _CACHED_FILE.fullmatch(path) or _FILE.fullmatch(path):
        return _file(hub, match, token, is_redirected=path.startswith("/api/resolve-cache/"))
    if match := _INFO.fullmatch(path):
        return _info(hub, match, token)
    match = _PAGE.fullmatch(path)
    return _page(hub, unquote(match["id"])) if match else error_answer(404, "Sorry, there is no such page.")


def search_answer(hub: Hub, query: str) -> Answer:
    """What /api/models lists: the public models that a filter by base model finds."""
    asked = parse_qs(query)
    bases = {value.removeprefix("base_model:") for value in asked.get("filter", []) if value.startswith("base_model:")}
    found = [
        {"_id": repo.commit[:24], "id": repo.model_id, "gated": repo.gated, **_counted(repo)}
        for repo in hub.repos
        if repo.base_model in bases and not repo.is_private and not (repo.gated and asked.get("gated") == ["false"])
    ]
    return json_answer(found[: int(asked.get("limit", ["1000"])[0])])


def _counted(repo: Repo) -> dict[str, Any]:
    if not repo.parameters:
        return {}
    total = sum(count for _, count in repo.parameters)
    return {"safetensors": {"parameters": dict(repo.parameters), "total": total}}


def asked_repo(hub: Hub, path: str) -> Repo | None:
    """The repository that a request is about, so that its fault can be played."""
    match = _CACHED_FILE.fullmatch(path) or _FILE.fullmatch(path) or _INFO.fullmatch(path)
    return hub.find(unquote(match["id"]))[0] if match else None


def faulty_answer(fault: Portal | Status | RateLimit, path: str) -> Answer:
    """What stands in the way answers instead of the Hub."""
    if isinstance(fault, Status):
        return Answer(fault.code, fault.body.encode(), fault.headers)
    if isinstance(fault, RateLimit):
        return _rate_limited(fault)
    if fault.is_redirect and path != "/portal/login":
        return Answer(302, b"", (("Location", "/portal/login"),))
    page = b"<!doctype html><html><title>Guest network</title><body>Please sign in to go on.</body></html>"
    return Answer(200, page, (("Content-Type", "text/html; charset=utf-8"),))


def _file(hub: Hub, match: re.Match[str], token: str | None, *, is_redirected: bool) -> Answer:
    model_id, revision, file = (unquote(match[name]) for name in ("id", "revision", "file"))
    repo, is_canonical = hub.find(model_id)
    refusal = _refusal(hub, repo, token, is_file=True, is_open=file in _PUBLIC_FILES)
    if repo is not None and not is_canonical and (refusal is None or not _is_hidden(hub, repo, token)):
        return redirect(f"/{repo.model_id}/resolve/{quote(revision, safe='')}/{quote(file)}")
    if refusal is not None or repo is None:
        return refusal or missing(token is not None)
    if not repo.has_revision(revision):
        return error_answer(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
    commit = (("X-Repo-Commit", repo.commit),)
    content = repo.file(file)
    if content is None:
        return error_answer(404, "Entry not found", code="EntryNotFound", headers=commit)
    etag = f'"{repo.commit[::-1]}"'
    if is_redirected:
        return Answer(200, content, (*commit, ("ETag", etag), ("Content-Type", "text/plain; charset=utf-8")))
    linked = (*commit, ("X-Linked-Etag", etag), ("X-Linked-Size", str(len(content))), ("Accept-Ranges", "bytes"))
    return redirect(f"/api/resolve-cache/models/{repo.model_id}/{repo.commit}/{quote(file)}?etag=1", linked)


def _info(hub: Hub, match: re.Match[str], token: str | None) -> Answer:
    repo, is_canonical = hub.find(unquote(match["id"]))
    revision = unquote(match["revision"]) if match["revision"] else None
    refusal = _refusal(hub, repo, token, is_file=False, is_open=True)
    if refusal is not None or repo is None:
        return refusal or missing(token is not None)
    if not is_canonical:
        tail = f"/revision/{quote(revision, safe='')}" if revision else ""
        return redirect(f"/api/models/{repo.model_id}{tail}")
    if revision is not None and not repo.has_revision(revision):
        return error_answer(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
    return json_answer(published(repo))


def published(repo: Repo) -> dict[str, Any]:
    """The public information about a model."""
    config = json.loads(repo.file("config.json") or b"{}") if not _is_odd(repo) else {}
    answer = {
        "_id": repo.commit[:24],
        "id": repo.model_id,
        "modelId": repo.model_id,
        "author": repo.model_id.partition("/")[0],
        "sha": repo.commit,
        "private": repo.is_private,
        "gated": repo.gated,
        "disabled": repo.is_disabled,
        "tags": ["region:us"],
        "downloads": 0,
        "likes": 0,
        "createdAt": "2024-07-14T22:20:15.000Z",
        "lastModified": "2024-10-16T22:00:37.000Z",
        "config": {key: config[key] for key in ("architectures", "model_type") if key in config},
        "siblings": [{"rfilename": name, **_size_of(repo, name)} for name, _ in repo.files],
    }
    if repo.base_model:
        answer["cardData"] = {"base_model": repo.base_model}
    return {**answer, **_counted(repo)}


def _size_of(repo: Repo, name: str) -> dict[str, int]:
    return {"size": dict(repo.sizes)[name]} if name in dict(repo.sizes) else {}


def _is_odd(repo: Repo) -> bool:
    return not (repo.file("config.json") or b"{").startswith(b"{")


def _refusal(hub: Hub, repo: Repo | None, token: str | None, *, is_file: bool, is_open: bool) -> Answer | None:
    """Why this sender may not have it, or None."""
    account, is_stale = hub.account(token), token is not None and hub.account(token) is None
    if repo is not None and is_file and isinstance(repo.fault, Region):
        return error_answer(403, "This model is not available in your region.")
    is_gate = repo is not None and repo.gated and not is_open and not _is_hidden(hub, repo, token)
    if is_stale and not is_gate:
        return error_answer(401, "Invalid credentials in Authorization header")
    if repo is None or _is_hidden(hub, repo, token):
        return missing(account is not None)
    if is_gate:
        refusal = _gate(repo, account)
        if refusal is not None:
            return refusal
    return error_answer(403, "Access to this resource is disabled.") if is_file and repo.is_disabled else None


def _is_hidden(hub: Hub, repo: Repo, token: str | None) -> bool:
    account = hub.account(token)
    return repo.is_private and (account is None or repo.model_id not in account.owns)


def missing(is_known_sender: bool) -> Answer:  # noqa: FBT001 - one yes-or-no, named
    if is_known_sender:
        return error_answer(404, "Repository not found", code="RepoNotFound")
    return error_answer(401, "Invalid username or password.")


def _gate(repo: Repo, account: Account | None) -> Answer | None:
    if account is None:
        sentence = "is restricted. You must have access to it and be authenticated to access it. Please log in."
        return error_answer(401, f"Access to model {repo.model_id} {sentence}", code="GatedRepo")
    if not account.can_read_gated:
        sentence = "Please enable access to public gated repositories in your fine-grained token settings"
        return error_answer(403, f"{sentence} to view this repository.")
    access = account.access_to(repo.model_id)
    if access == "granted":
        return None
    if access is not None:
        return error_answer(403, _GATE_SENTENCES[access].format(id=repo.model_id), code="GatedRepo")
    sentence = f"is restricted and you are not in the authorized list. Visit https://huggingface.co/{repo.model_id}"
    return error_answer(403, f"Access to model {repo.model_id} {sentence} to ask for access.", code="GatedRepo")


def _rate_limited(fault: RateLimit) -> Answer:
    headers: tuple[tuple[str, str], ...] = ()
    if fault.style == "hub":
        policy = '"fixed window";"api";q=500;w=300'
        headers = (("RateLimit", f'"api";r=0;t={fault.seconds}'), ("RateLimit-Policy", policy))
    elif fault.style == "retry-after":
        headers = (("Retry-After", str(fault.seconds)),)
    return error_answer(429, "We had to rate limit your IP. To continue using our service, log in.", headers=headers)


def _whoami(account: Account | None, *, is_anonymous: bool) -> Answer:
    """What it tells about the person, their e-mail address included, and the token's rights, never the token."""
    if account is None:
        return error_answer(
            401, "Invalid username or password." if is_anonymous else "Invalid credentials in Authorization header"
        )
    token: dict[str, Any] = {"displayName": "laptop", "role": account.role, "createdAt": "2026-03-01T09:00:00.000Z"}
    if account.role == "fineGrained":
        rights = {"entity": {"type": "user", "name": account.name}, "permissions": ["repo.content.read"]}
        token["fineGrained"] = {"canReadGatedRepos": account.can_read_gated, "global": [], "scoped": [rights]}
    told = {
        "type": "user",
        "id": "65f0c0ffee0000000000c0de",
        "name": account.name,
        "fullname": account.name.title(),
        "email": f"{account.name}@example.org",
        "emailVerified": True,
        "canPay": False,
        "periodEnd": None,
        "isPro": False,
        "avatarUrl": "/avatars/0.svg",
        "orgs": [],
        "auth": {"type": "access_token", "accessToken": token},
    }
    return json_answer(told)


def _page(hub: Hub, model_id: str) -> Answer:
    repo, _ = hub.find(model_id)
    status, title = (404, "404") if repo is None else (200, repo.model_id)
    body = f"<!doctype html><html><title>{html.escape(title)}</title><h1>{html.escape(title)}</h1></html>"
    return Answer(status, body.encode(), (("Content-Type", "text/html; charset=utf-8"),))


def redirect(location: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    body = f"Temporary Redirect. Redirecting to {location}".encode()
    return Answer(307, body, (*headers, ("Location", location), ("Content-Type", "text/plain; charset=utf-8")))


def error_answer(
    status: int, message: str, *, code: str | None = None, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    named = (("X-Error-Code", code),) if code else ()
    told = (*headers, *named, ("X-Error-Message", message), ("Content-Type", "application/json; charset=utf-8"))
    return Answer(status, json.dumps({"error": message}).encode(), told)


def json_answer(value: dict[str, Any] | list[Any]) -> Answer:
    return Answer(200, json.dumps(value).encode(), (("Content-Type", "application/json; charset=utf-8"),))
