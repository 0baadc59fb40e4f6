"""One bounded request through the Hub client's own session: its proxies, certificates, token, offline mode and errors.

`hf_hub_download` is not used: against a network that swallows packets it blocks for minutes, sleeps through rate
limits, and writes into the person's cache. `build_hf_headers` is not used either: it asks the Hub about this
environment before the first real request.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budsim_widgets.browser import IN_BROWSER, expect_soft_locks
from budsim_widgets.hub.ids.commits import as_commit

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.deadline import Deadline

_MAX_ERROR_BYTES = 64 * 1024
_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True)
class Token:
    """An access token for the length of one call, and where it came from (for people).

    Attributes:
        secret: The token.
        source: Where it came from.
        hides_saved_login: Whether there is a saved login, too, which isn't used.
    """

    secret: str = field(repr=False)
    source: str
    hides_saved_login: bool = False

    @property
    def is_sendable(self) -> bool:
        """Whether it can stand in a header; the HTTP library would repeat it in its message if it can't."""
        return bool(self.secret) and self.secret.isascii() and self.secret.isprintable() and " " not in self.secret


@dataclass(frozen=True)
class Body:
    """What is sent, and what it is."""

    content: bytes
    content_type: str


@dataclass(frozen=True)
class Response:
    """A successful response.

    Attributes:
        visited: Every address on the way, first to last.
        commit: The commit that it belongs to (`X-Repo-Commit`), or None where nobody said so, or no commit.
        is_of_repo: Whether it has that header at all: a page of a network or of another site has none.
        body: What it holds, as far as it was read.
        is_whole: False where there was more.
        moved_to: Where a redirect leads that wasn't followed.
    """

    visited: tuple[str, ...]
    commit: str | None
    is_of_repo: bool
    body: bytes
    is_whole: bool
    moved_to: str | None = None


def is_offline() -> bool:
    """Whether offline mode is on, in the environment as it is now or as the client saw it when it was imported."""
    from huggingface_hub import constants  # noqa: PLC0415 - see load_client

    return bool(constants.HF_HUB_OFFLINE) or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def load_client() -> None:
    """Import the client and make its session, so that the first request's time isn't spent on certificates."""
    expect_soft_locks()
    _session()


def _session() -> Any:
    """The client's session.

    In a browser one of its own kind that adds no header to a request: one that a page may not send without asking (the
    client's trace id) would make two requests of each, and the first of a kind that a Hub need not answer.
    """
    from huggingface_hub import get_session  # noqa: PLC0415 - takes 0.4 s: not when the package is imported

    return _plain_session() if IN_BROWSER else get_session()


@cache
def _plain_session() -> Any:
    from huggingface_hub import get_session  # noqa: PLC0415 - see load_client

    return type(get_session())()


def current_token() -> Token | None:
    """The person's token, as the client finds it now: HF_TOKEN, then the saved login; empty if that can't be read."""
    from huggingface_hub import constants, get_token  # noqa: PLC0415 - see load_client

    try:
        secret = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    except (OSError, ValueError):  # the file isn't ours to read, or holds no text
        return Token("", "the saved login")
    if secret is None:
        return None
    if any(os.environ.get(name) for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")):
        return Token(secret, "HF_TOKEN", hides_saved_login=_is_file(constants.HF_TOKEN_PATH))
    return Token(secret, "the saved login")


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except OSError:  # a folder that isn't ours to look into
        return False


def get(url: str, token: Token | None, deadline: Deadline, *, max_bytes: int) -> Response:
    """Fetch an address. Redirects are followed; the token stays with the origin that it was meant for.

    Raises:
        Exception: The client's own errors, unchanged (see `translate`).
        TimeoutError: The deadline passed while the body came in.
    """
    return _send("GET", url, token, deadline, max_bytes=max_bytes)


def post(url: str, token: Token | None, deadline: Deadline, *, body: Body, max_bytes: int) -> Response:
    """Send something to an address; errors as of `get`. A redirect is a response: what is written follows none."""
    return _send("POST", url, token, deadline, max_bytes=max_bytes, body=body)


def _send(  # noqa: PLR0913 - a request, each part by name
    method: str, url: str, token: Token | None, deadline: Deadline, *, max_bytes: int, body: Body | None = None
) -> Response:
    headers = {"user-agent": _user_agent(), "accept-encoding": "identity"}
    if token is not None:
        headers["authorization"] = f"Bearer {token.secret}"
    if body is not None:
        headers["content-type"] = body.content_type
    with _session().stream(
        method,
        url,
        headers=headers,
        content=body.content if body else None,
        timeout=deadline.remaining_seconds,
        follow_redirects=method == "GET",
    ) as response:
        limit = max_bytes if response.is_success else _MAX_ERROR_BYTES
        content = _read(response, deadline, limit)
    _raise_for_status(response, content)
    steps = (*response.history, response)
    commits = [step.headers["X-Repo-Commit"] for step in steps if "X-Repo-Commit" in step.headers]
    visited = tuple(str(step.request.url) for step in steps)
    return Response(
        visited,
        as_commit(commits[-1]) if commits else None,
        is_of_repo=bool(commits),
        body=content[:limit],
        is_whole=len(content) <= limit,
        moved_to=response.headers.get("Location") if response.is_redirect else None,
    )


def _raise_for_status(response: Any, body: bytes) -> None:
    """Raise the client's error for a refusal.

    The client would read the rest of the stream for the server's sentence, however long it is: it is given a copy of
    the response that ends where the reading did.
    """
    from huggingface_hub import hf_raise_for_status  # noqa: PLC0415 - see load_client

    headers = {name: value for name, value in response.headers.items() if name not in _FRAMING}
    hf_raise_for_status(type(response)(response.status_code, headers=headers, content=body, request=response.request))


def _read(response: Any, deadline: Deadline, max_bytes: int) -> bytes:
    """The body, or its beginning: at least one byte more than `max_bytes` where it is longer."""
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            break
        deadline.check()
    return b"".join(parts)


def _user_agent() -> str:
    import huggingface_hub  # noqa: PLC0415 - see load_client

    return f"budsim-widgets; hf_hub/{huggingface_hub.__version__}; python/{platform.python_version()}"
