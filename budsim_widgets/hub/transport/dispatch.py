"""A question put to the Hub in its own time: in a thread, with an end, and not at all where it can't be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from budsim_widgets.hub.errors import connection_errors
from budsim_widgets.hub.transport import session
from budsim_widgets.hub.transport.deadline import run_within
from budsim_widgets.hub.transport.endpoint import is_web_url

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
        raise connection_errors.bad_endpoint(question)
    session.load_client()
    if session.is_offline():
        raise connection_errors.offline(question)
    try:
        return run_within(question.timeout_seconds, lambda deadline: ask(question, deadline))
    except TimeoutError:
        raise connection_errors.too_slow(question) from None
