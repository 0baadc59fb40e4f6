"""Requests to the Hub about one repository: with one token, within one deadline, their errors translated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from budsim_widgets.hub.transport import http_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.errors import HubError
    from budsim_widgets.hub.transport.deadline import Deadline
    from budsim_widgets.hub.transport.http_client import Body, Response, Token
    from budsim_widgets.hub.transport.request_context import RequestContext

    Translate: TypeAlias = Callable[[BaseException, RequestContext], HubError | None]

MAX_RESPONSE_BYTES: Final = 16 * 1024 * 1024
"""A repository can list a hundred thousand files."""


@dataclass(frozen=True)
class Connection:
    """Requests about one repository.

    Attributes:
        context: What they are about and on whose behalf, for messages.
        deadline: When all of them must be done.
        translate: Makes an error of this package from one of the client's; None from any other.
        token: Goes with each of them, or None.
    """

    context: RequestContext
    deadline: Deadline
    translate: Translate
    token: Token | None = None

    def get(self, path: str, *, max_bytes: int = MAX_RESPONSE_BYTES) -> Response:
        """The response to a request for a path.

        Raises:
            HubError: The Hub refuses it, or can't be reached.
        """
        return self._translated(lambda url: http_client.get(url, self.token, self.deadline, max_bytes=max_bytes), path)

    def post(self, path: str, body: Body) -> Response:
        """The response to what is sent; errors as of `get`."""
        return self._translated(
            lambda url: http_client.post(url, self.token, self.deadline, body=body, max_bytes=MAX_RESPONSE_BYTES), path
        )

    def _translated(self, send: Callable[[str], Response], path: str) -> Response:
        try:
            return send(self.context.endpoint + path)
        except Exception as error:  # the client's classes have no common base; what isn't its own goes on
            translated = self.translate(error, self.context)
            if translated is None:
                raise
            raise translated from None
