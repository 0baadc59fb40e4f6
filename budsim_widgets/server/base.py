"""What all routes share: who may ask, how much may come, and errors as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from jupyter_core.utils import ensure_async
from jupyter_server.auth.utils import HTTP_METHOD_TO_AUTH_ACTION
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from pydantic import BaseModel, ValidationError
from tornado.web import Finish, HTTPError, RequestHandler, stream_request_body

from budsim_widgets.errors import BudsimError, StoreError
from budsim_widgets.hub.ids.pasted_line import holds_secret, without_tokens
from budsim_widgets.printable import printable, printable_traceback
from budsim_widgets.server.bodies import Body, refuse_compressed
from budsim_widgets.server.context import SETTINGS_KEY
from budsim_widgets.server.responses import error_response, from_validation, plain_error, status_of

if TYPE_CHECKING:
    from tornado.http1connection import HTTP1Connection

    from budsim_widgets.server.context import ServerContext

Schema = TypeVar("Schema", bound=BaseModel)

MODELS_PATH: Final = "budsim/api/models"
SUBMIT_PATH: Final = f"{MODELS_PATH}/config/submit"
RESOURCE: Final = "budsim"
"""What an Authorizer is asked about: whether a user may `read` (GET) or `write` (POST) it."""


@stream_request_body
class BudsimHandler(APIHandler):
    """What all routes share.

    The methods of a route are decorated with `authenticated`, since Jupyter Server warns of those that aren't; whether
    they are or not, nobody gets past `prepare` who isn't logged in and allowed.
    """

    _is_allowed = False

    async def prepare(self) -> None:  # type: ignore[override] # as APIHandler's own
        """Take the requests of those who are logged in and allowed, with a body of a bounded size.

        Whatever the server allows others.
        """
        self._body = Body(self.request.headers.get("Content-Length", ""), self.context.max_body_bytes)
        await super().prepare()
        if self.request.method != "OPTIONS":  # answered with headers alone, so that a browser may ask whether it may
            await self._check_user()
        if self._body.is_too_large:
            raise self._body.too_large()
        refuse_compressed(self.request.headers.get("Content-Encoding", ""))
        cast("HTTP1Connection", self.request.connection).set_body_timeout(self.context.body_timeout_seconds)
        self._is_allowed = True

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._body.append(chunk)
        if self._body.is_too_large and not self._finished:
            self._is_allowed = False
            self.write_error(413, exc_info=(None, self._body.too_large(), None))

    @property
    def context(self) -> ServerContext:
        """The settings, the actions and the limits."""
        return cast("ServerContext", self.settings[SETTINGS_KEY])

    @property
    def submission_url(self) -> str:
        """Where a config can be submitted."""
        return str(url_path_join(self.base_url, SUBMIT_PATH))

    def parse_body(self, schema: type[Schema]) -> Schema:
        """The request's body as its schema.

        Raises:
            RequestError: It isn't what the schema asks for.
        """
        if self._finished:  # refused while it arrived
            raise Finish
        try:
            return schema.model_validate(self._body.read())
        except ValidationError as error:
            raise from_validation(error) from None

    def respond(self, value: BaseModel | dict[str, Any], status: int = 200) -> None:
        """Give back JSON, in which the store is called so and not by its path; an error repeats no access token."""
        self.set_status(status)
        # In ASCII, so that a terminal that shows it isn't steered by what it holds.
        text = json.dumps(value.model_dump(mode="json") if isinstance(value, BaseModel) else value)
        told = self.context.without_store_path(text)
        self.finish(told if status < 400 else without_tokens(told))  # noqa: PLR2004 - what is no error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error as JSON: ours with what it says, everything else with no more than its status."""
        error = kwargs.get("exc_info", (None, None))[1]
        if not self._is_allowed:  # what follows of the body isn't read
            self.set_header("Connection", "close")
        if status_code == 405:  # noqa: PLR2004 - Method Not Allowed says which are
            self.set_header("Allow", ", ".join(self._methods()))
        if not isinstance(error, BudsimError):
            self.respond(plain_error(status_code), status_code)
            return
        if isinstance(error, StoreError):
            self.log.error("budsim: %s", error)
        retry_after = getattr(error, "retry_after_seconds", None)
        if retry_after is not None:
            self.set_header("Retry-After", str(retry_after))
        self.respond(error_response(error, self.submission_url), status_of(error))

    def log_exception(self, _: Any, error: Any, __: Any) -> None:
        """Log a fault of the server, without the query of the address: it may hold the server's token.

        In the text itself and not as `exc_info`, which handlers write as the exception has it.

        Errors that are an answer are no faults; the line that Jupyter Server logs for each request tells of them.
        """
        if not isinstance(error, BudsimError | HTTPError):
            request = printable(f"{self.request.method} {self.request.path}")
            self.log.error("budsim: %s failed\n%s", request, printable_traceback(error))

    def _log(self) -> None:
        """Let Jupyter Server log the request, but no access token that somebody took for a model's id."""
        if holds_secret(self.request.uri or ""):
            self.request.uri = f"{url_path_join(self.base_url, MODELS_PATH)}/(an access token)"
        self.request.uri = printable(self.request.uri or "")
        super()._log()

    def _methods(self) -> list[str]:
        has_none = RequestHandler._unimplemented_method  # noqa: SLF001 - what stands for a method that a route lacks
        return [name for name in self.SUPPORTED_METHODS if getattr(type(self), name.lower()) is not has_none]

    async def _check_user(self) -> None:
        """403 for whoever isn't logged in, or may not do this."""
        user = self.current_user
        if user is None:
            raise HTTPError(403)
        action = HTTP_METHOD_TO_AUTH_ACTION[self.request.method or ""]
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, RESOURCE)):
            raise HTTPError(403)
