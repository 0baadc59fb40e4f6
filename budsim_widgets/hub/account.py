"""The account behind the access token in use, as the Hub's `/api/whoami-v2` tells it.

`HfApi.whoami` isn't used: it has no time limit, and its cache keeps the token. Here answers are kept under a digest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import HubError
from budsim_widgets.hub.errors.connection_errors import not_a_hub
from budsim_widgets.hub.errors.translate import translate
from budsim_widgets.hub.transport import http_client
from budsim_widgets.hub.transport.connection import Connection
from budsim_widgets.hub.transport.dispatch import run_requests

if TYPE_CHECKING:
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.http_client import Token
    from budsim_widgets.hub.transport.request_context import RequestContext

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?")
_FINE_GRAINED: Final = "fineGrained"
_ROLES: Final = ("read", "write", _FINE_GRAINED)
_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class HubAccount:
    """Who the Hub takes the person for.

    Attributes:
        name: The account's name; None where the Hub doesn't know the token.
        role: What the token may do: `read`, `write` or `fineGrained`; None where the Hub doesn't say.
        can_read_gated: Whether it may read gated models that the account was granted; None where the Hub doesn't say.
        source: Where its token comes from: `HF_TOKEN` or `the saved login`.
        hides_saved_login: Whether there is a saved login, too, which isn't used.
        tokens_page: Where access tokens are made and renewed.
    """

    name: str | None
    role: str | None = None
    can_read_gated: bool | None = None
    source: str
    hides_saved_login: bool = False
    tokens_page: str

    @property
    def is_fine(self) -> bool:
        """Whether nothing about the token itself keeps a gated model's files away."""
        return self.name is not None and self.can_read_gated is not False


class Accounts:
    """Asks for the account, and remembers the answer for a token: the Hub allows few of these questions."""

    def __init__(self) -> None:
        self._known: dict[bytes, HubAccount] = {}

    def current(self, context: RequestContext, *, anew: bool = False) -> HubAccount | None:
        """The account behind the token that is in use now; None where nobody is logged in.

        Args:
            context: Whom to ask, and how long that may take.
            anew: Ask again where the answer was that something is wrong with the token, which may be fixed by now.

        Raises:
            HubError: The Hub couldn't be asked.
        """
        return run_requests(context, partial(self._ask, anew=anew))

    def _ask(self, context: RequestContext, deadline: Deadline, *, anew: bool) -> HubAccount | None:
        token = http_client.current_token()
        if token is None:
            return None
        key = sha256(f"{context.endpoint}\n{token.secret}".encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(key)
        if known is None or (anew and not known.is_fine):
            known = self._known[key] = _fetch(context, deadline, token)
        return known


def read_account(body: bytes, token: HubAccount) -> HubAccount | None:
    """The account that the Hub's JSON names; None if it isn't that (a portal's page, another site).

    Example:
        >>> token = HubAccount(name=None, source="HF_TOKEN", tokens_page="https://huggingface.co/settings/tokens")
        >>> body = b'{"name": "jane", "auth": {"accessToken": {"role": "fineGrained", "fineGrained": {}}}}'
        >>> found = read_account(body, token)
        >>> found.name, found.role, found.can_read_gated
        ('jane', 'fineGrained', False)
    """
    told = _parsed(body)
    name = told.get("name")
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        return None
    used = _mapping(_mapping(told.get("auth")).get("accessToken"))
    role = used.get("role")
    can_read_gated = _mapping(used.get("fineGrained")).get("canReadGatedRepos") is True
    return replace(
        token,
        name=name,
        role=role if role in _ROLES else None,
        can_read_gated=can_read_gated if role == _FINE_GRAINED else None,
    )


def _fetch(context: RequestContext, deadline: Deadline, token: Token) -> HubAccount:
    unknown = HubAccount(
        name=None,
        source=token.source,
        hides_saved_login=token.hides_saved_login,
        tokens_page=context.tokens_page,
    )
    if not token.is_sendable:
        return unknown
    connection = Connection(context.with_token(token.source, "sent"), deadline, translate, token)
    try:
        body = connection.get("/api/whoami-v2", max_bytes=_MAX_BYTES).body
    except HubError as error:
        if error.status_code != 401:  # noqa: PLR2004 - whatever the sentence: nobody has this token
            raise
        return unknown
    found = read_account(body, unknown)
    if found is None:
        raise not_a_hub(context)
    return found


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        return _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
