"""The one place that turns what the Hub's client raises into our errors.

Classes are matched by name, since the client is built on httpx in its 1.x and on httpx2 in its 2.x. What it raises is
read and let go: its request holds the person's token.

Two answers look different over https and over the plain http of a Hub on this machine or in a company: a 401 without
`X-Error-Code` (missing or private, nobody logged in) is a RepositoryNotFoundError over https, because the client's
pattern for addresses of repositories begins with https://, and a bare HfHubHTTPError over http. Both are read by
status and sentence here, so they end up the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from budsim_widgets.hub.errors import connection_errors, response_errors
from budsim_widgets.hub.errors.gated import gated
from budsim_widgets.hub.errors.missing_config import no_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.errors import HubError
    from budsim_widgets.hub.transport.request_context import RequestContext

_RATE_LIMIT = re.compile(r'"\w+"\s*;\s*r\s*=\s*(?P<left>\d+)\s*;\s*t\s*=\s*(?P<seconds>\d+)')
_TOKEN_LIKE = re.compile(r"\b(?:hf|api_org)_\S+")
_MAX_MESSAGE_CHARACTERS = 200


def translate(error: BaseException, context: RequestContext) -> HubError | None:
    """Our error for what the client raised about a context, or None for one that isn't the client's.

    `LocalEntryNotFoundError` says nothing by itself; the reason is its cause.

    Example:
        try:
            ...
        except Exception as error:
            raise translate(error, context) or error from None
    """
    cause: BaseException | None = error
    while cause is not None:
        for name in (kind.__name__ for kind in type(cause).__mro__):
            if name in _BY_CLASS:
                return _BY_CLASS[name](cause, context)
        cause = cause.__cause__
    return None


def _gated(error: Any, context: RequestContext) -> HubError:
    return gated(context, error.response.status_code, server_message(error))


def _not_found(error: Any, context: RequestContext) -> HubError:
    return response_errors.not_found(context, error.response.status_code)


def _revision_not_found(error: Any, context: RequestContext) -> HubError:
    return response_errors.revision_not_found(context, error.response.status_code)


def _no_config(_: Any, context: RequestContext) -> HubError:
    return no_config(context, siblings=None)


def _invalid_endpoint(_: Any, context: RequestContext) -> HubError:
    return connection_errors.invalid_endpoint(context, context.endpoint)


def _disabled(error: Any, context: RequestContext) -> HubError:
    return response_errors.disabled(context, error.response.status_code)


def _by_status(error: Any, context: RequestContext) -> HubError:
    status: int = error.response.status_code
    message = server_message(error)
    if status == 401:  # noqa: PLR2004 - HTTP statuses are named by their numbers
        if "invalid credentials" in message.lower():
            return response_errors.invalid_token(context)
        return response_errors.not_found(context, status)
    if status == 403:  # noqa: PLR2004
        return _forbidden(context, message)
    if status == 429:  # noqa: PLR2004
        return response_errors.rate_limited(context, _retry_after_seconds(error.response.headers))
    return connection_errors.unexpected_status(context, status, message)


def _forbidden(context: RequestContext, message: str) -> HubError:
    lowered = message.lower()
    if "fine-grained" in lowered and "gated" in lowered:
        return response_errors.lacks_permission(context)
    if "in your region" in lowered:
        return response_errors.region(context)
    if "is disabled" in lowered:
        return response_errors.disabled(context, 403)
    if not message:
        return connection_errors.unexpected_status(context, 403, message)
    return response_errors.forbidden(context, message)


def _retry_after_seconds(headers: Any) -> int | None:
    """When to come back: the Hub's `RateLimit: "api";r=0;t=55`, or a proxy's `Retry-After: 55`."""
    match = _RATE_LIMIT.search(headers.get("RateLimit", ""))
    if match and int(match["left"]) == 0:
        return int(match["seconds"])
    plain = headers.get("Retry-After", "").strip()
    return int(plain) if re.fullmatch(r"[0-9]{1,6}", plain) else None


def server_message(error: Any) -> str:
    """The Hub's own sentence, on one line; a server that repeats a token is not repeated."""
    line = " ".join(str(error.server_message or "").split())
    return _TOKEN_LIKE.sub("…", line)[:_MAX_MESSAGE_CHARACTERS]


def _ignoring_error(make: Callable[[RequestContext], HubError]) -> Callable[[Any, RequestContext], HubError]:
    return lambda _, context: make(context)


_BY_CLASS: dict[str, Callable[[Any, RequestContext], HubError]] = {
    "GatedRepoError": _gated,
    "RepositoryNotFoundError": _not_found,
    "RevisionNotFoundError": _revision_not_found,
    "RemoteEntryNotFoundError": _no_config,
    "DisabledRepoError": _disabled,
    "HfHubHTTPError": _by_status,
    "FileMetadataError": _ignoring_error(connection_errors.not_a_hub),
    "OfflineModeIsEnabled": _ignoring_error(connection_errors.offline),
    # httpx and httpx2
    "TimeoutException": _ignoring_error(connection_errors.timed_out),
    "TimeoutError": _ignoring_error(connection_errors.timed_out),
    "ProxyError": _ignoring_error(connection_errors.proxy_refused),
    "ConnectError": connection_errors.no_connection,
    "UnsupportedProtocol": _invalid_endpoint,
    "InvalidURL": _invalid_endpoint,
    "TooManyRedirects": _ignoring_error(connection_errors.not_a_hub),
    "DecodingError": _ignoring_error(connection_errors.not_a_hub),
    "NetworkError": _ignoring_error(connection_errors.connection_lost),
    "ProtocolError": _ignoring_error(connection_errors.connection_lost),
}
