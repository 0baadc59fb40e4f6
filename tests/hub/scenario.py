"""What a loopback Hub holds, as frozen values: repositories, accounts, and the faults that can be played."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

Access = Literal["granted", "pending", "rejected", "reset"]


@dataclass(frozen=True, kw_only=True)
class Hang:
    """Takes the request and says nothing for `seconds` (or until the Hub stops), then drops it."""

    seconds: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Answers correctly, `seconds` late."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Drip:
    """Sends the answer a byte at a time: each read is quick, the whole never ends."""

    pause_seconds: float = 0.05
    part: Literal["head", "body"] = "body"


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Closes the connection: without a word, with a TCP reset, or in the middle of the body."""

    how: Literal["silent", "reset", "cut"] = "silent"


@dataclass(frozen=True, kw_only=True)
class Portal:
    """A captive portal: its own page in place of every answer, at once or after a redirect."""

    is_redirect: bool = False


@dataclass(frozen=True, kw_only=True)
class Status:
    """A bare HTTP status, as a load balancer sends it: 500, 502, 503…"""

    code: int = 503
    body: str = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """429, with the Hub's own headers, or with the plain `Retry-After` of a proxy."""

    seconds: int = 37
    style: Literal["hub", "retry-after", "bare"] = "hub"


@dataclass(frozen=True, kw_only=True)
class Region:
    """403 on every file, whoever asks; the information about the model stays public."""


Fault = Hang | Delay | Drip | Drop | Portal | Status | RateLimit | Region


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person with a token.

    Attributes:
        name: The account's name.
        token: Its access token.
        access: What it may do with gated models, by id; an id that isn't there was never asked for.
        owns: Private models that it can see.
        can_read_gated: False for a fine-grained token without the permission for gated repositories.
        role: What its token may do: `read`, `write`, or `fineGrained`.
    """

    name: str
    token: str = field(repr=False)
    access: tuple[tuple[str, Access], ...] = ()
    owns: tuple[str, ...] = ()
    can_read_gated: bool = True
    role: Literal["read", "write", "fineGrained"] = "read"

    def access_to(self, model_id: str) -> Access | None:
        return dict(self.access).get(model_id)


@dataclass(frozen=True, kw_only=True)
class Repo:
    """A model repository.

    Attributes:
        model_id: Its canonical id.
        files: Path and content of each file.
        gated: `auto`, `manual` or False, as the Hub publishes it.
        is_private: Whether only its owner may know that it exists.
        is_disabled: Taken down by the Hub.
        aliases: Earlier names, which redirect here. (Other letter cases redirect anyway.)
        branches: Names that resolve to its one commit.
        parameters: Number of parameters by dtype, as published from the safetensors headers.
        fault: What goes wrong when a file or the information is asked for.
        sizes: The size of a file by its path, where it is another than that of its content.
        base_model: The model that its card says it was made from.
    """

    model_id: str
    files: tuple[tuple[str, bytes], ...] = ()
    gated: Literal["auto", "manual", False] = False
    is_private: bool = False
    is_disabled: bool = False
    aliases: tuple[str, ...] = ()
    branches: tuple[str, ...] = ("main",)
    parameters: tuple[tuple[str, int], ...] = ()
    fault: Fault | None = None
    sizes: tuple[tuple[str, int], ...] = ()
    base_model: str | None = None

    @property
    def commit(self) -> str:
        return hashlib.sha1(repr((self.model_id, self.files)).encode(), usedforsecurity=False).hexdigest()

    def file(self, path: str) -> bytes | None:
        return dict(self.files).get(path)

    def has_revision(self, revision: str) -> bool:
        return revision == self.commit or revision in self.branches


@dataclass(frozen=True, kw_only=True)
class LoggedRequest:
    """One request that reached the loopback Hub. It never holds a token, only which account's it was."""

    method: str
    path: str
    sender: str  # the account's name, "anonymous", or "invalid token"
    status: int | None  # None: the connection was dropped


def as_file(config: dict[str, Any]) -> bytes:
    """A config as its file is written: two spaces, a last newline."""
    return (json.dumps(config, indent=2) + "\n").encode()


def model(model_id: str, config: dict[str, Any], *, others: tuple[str, ...] = (), **details: Any) -> Repo:
    """A repository with a config.json and some other files (whose contents nobody reads)."""
    names = (".gitattributes", "README.md", *others)
    files = (*((name, b"") for name in names), ("config.json", as_file(config)))
    return Repo(model_id=model_id, files=files, **details)
