"""Requests to the Hub in a thread and with a time limit, and none where the Hub can't be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.transport import http_client
from budsim_widgets.hub.transport.deadline import run_within
from budsim_widgets.hub.transport.endpoint import is_web_url, unreadable_environment_endpoint
from budsim_widgets.hub.transport.proxies import environment_proxies

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import RequestContext

T = TypeVar("T")


def run_requests(context: RequestContext, requests: Callable[[RequestContext, Deadline], T]) -> T:
    """What a function returns that makes requests, within the time that the context allows for all of them.

    Raises:
        HubError: The Hub can't be asked from here, or didn't respond in time; else whatever `requests` raises.
    """
    if not is_web_url(context.endpoint):
        raise connection_errors.invalid_endpoint(context, context.endpoint)
    _load_client(context)
    if http_client.is_offline():
        raise connection_errors.offline(context)
    try:
        return run_within(context.timeout_seconds, lambda deadline: requests(context, deadline))
    except TimeoutError:
        raise connection_errors.timed_out(context) from None


def _load_client(context: RequestContext) -> None:
    """Load it, or say which address in the environment keeps it from that, whatever endpoint is used."""
    unreadable = unreadable_environment_endpoint()
    if unreadable is not None:
        raise connection_errors.invalid_endpoint(context, unreadable)
    try:
        http_client.load_client()
    except Exception as error:  # the client's classes have no common base; what isn't explained goes on
        suspect = next((proxy for proxy in environment_proxies().values() if not proxy.is_usable), None)
        if suspect is not None:
            raise connection_errors.invalid_proxy(context, suspect) from None
        socks = next((proxy for proxy in environment_proxies().values() if proxy.is_socks), None)
        if socks is None or not isinstance(error, ImportError):
            raise
        raise connection_errors.missing_socks_support(context, socks) from None
