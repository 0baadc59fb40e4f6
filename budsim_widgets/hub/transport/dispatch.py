"""A question put to the Hub in its own time: in a thread, with an end, and not at all where it can't be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.transport import session
from budsim_widgets.hub.transport.deadline import run_within
from budsim_widgets.hub.transport.endpoint import is_web_url, unreadable_environment_endpoint
from budsim_widgets.hub.transport.proxies import environment_proxies

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import Question

T = TypeVar("T")


def answer(question: Question, ask: Callable[[Question, Deadline], T]) -> T:
    """What `ask` makes of a question, within the question's time.

    Raises:
        HubError: The Hub can't be asked from here, or didn't answer in time; else whatever `ask` raises.
    """
    if not is_web_url(question.endpoint):
        raise connection_errors.bad_endpoint(question, question.endpoint)
    _load_client(question)
    if session.is_offline():
        raise connection_errors.offline(question)
    try:
        return run_within(question.timeout_seconds, lambda deadline: ask(question, deadline))
    except TimeoutError:
        raise connection_errors.too_slow(question) from None


def _load_client(question: Question) -> None:
    """Load it, or say which address in the environment keeps it from that, whatever endpoint is asked."""
    unreadable = unreadable_environment_endpoint()
    if unreadable is not None:
        raise connection_errors.bad_endpoint(question, unreadable)
    try:
        session.load_client()
    except Exception as error:  # the client's classes have no common base; what isn't explained goes on
        suspect = next((proxy for proxy in environment_proxies().values() if not proxy.is_usable), None)
        if suspect is not None:
            raise connection_errors.bad_proxy(question, suspect) from None
        socks = next((proxy for proxy in environment_proxies().values() if proxy.is_socks), None)
        if socks is None or not isinstance(error, ImportError):
            raise
        raise connection_errors.no_socks(question, socks) from None
