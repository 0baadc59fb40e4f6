"""One question about a team's data set on its way: with the person's token, within its deadline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.hub.datasets import response_errors
from budsim_widgets.hub.datasets.translate import translate_team
from budsim_widgets.hub.transport import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.hub.datasets.translate import Deed
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.request_context import Question

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024


class TeamRequest:
    """One question on its way: with the person's token, within its deadline, its errors translated."""

    def __init__(self, question: Question, deed: Deed, deadline: Deadline) -> None:
        self.token = session.current_token()
        self.deadline = deadline
        self._deed = deed
        self.question = replace(
            question, token_source=self.token.source if self.token else None, login="sent" if self.token else "none"
        )
        if self.token is not None and not self.token.is_sendable:
            raise response_errors.unusable_token(self.question)

    def get(self, path: str, *, max_bytes: int = MAX_ANSWER_BYTES) -> session.Answer:
        """The answer to a question; raises a `HubError` for a refusal."""
        return self._translated(
            lambda url: session.get(url, self.token, self.deadline, max_bytes=max_bytes),
            path,
        )

    def post(self, path: str, body: session.Body) -> session.Answer:
        """The answer to what is sent; raises a `HubError` for a refusal."""
        return self._translated(
            lambda url: session.post(url, self.token, self.deadline, body=body, max_bytes=MAX_ANSWER_BYTES),
            path,
        )

    def _translated(self, ask: Callable[[str], session.Answer], path: str) -> session.Answer:
        try:
            return ask(self.question.endpoint + path)
        except Exception as error:  # the client's classes have no common base; what isn't its own goes on
            translated = translate_team(error, self.question, self._deed)
            if translated is None:
                raise
            raise translated from None
