"""A request → one call of an action → an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from pydantic import BaseModel, ValidationError
from tornado.web import Finish, HTTPError, authenticated, stream_request_body

from budsim_widgets.errors import BudsimError, StoreError
from budsim_widgets.schemas import ConfigSubmitRequest
from budsim_widgets.server.answers import (
    ConfigResponse,
    TooManySubmissionsError,
    error_response,
    from_validation,
    plain_error,
    status_of,
)
from budsim_widgets.server.bodies import Body
from budsim_widgets.server.requests import AnalyzeRequest, CalculateRequest, CompareRequest, ValidateRequest

if TYPE_CHECKING:
    from budsim_widgets.server.extension import Extension

Schema = TypeVar("Schema", bound=BaseModel)

MODELS_PATH = "budsim/api/models"
SUBMIT_PATH = f"{MODELS_PATH}/config/submit"


@stream_request_body
class BudsimHandler(APIHandler):
    """What all routes share: who may ask, how much may come, and errors as JSON."""

    auth_resource: ClassVar[str] = "budsim"

    async def prepare(self) -> None:  # type: ignore[override] # as APIHandler's own
        """Let in whoever is logged in, with a body of a bounded size; whatever the server's settings allow others."""
        await super().prepare()
        if self.current_user is None and self.request.method != "OPTIONS":
            raise HTTPError(403)
        self._body = Body(self.request, self.extension.max_body_bytes)
        if self._body.is_too_large:
            self._refuse_body()

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._body.take(chunk)
        if self._body.is_too_large and not self._finished:
            self._refuse_body()

    @property
    def extension(self) -> Extension:
        """The settings, the actions and the limits."""
        return cast("Extension", self.settings["budsim_extension"])

    @property
    def submission_url(self) -> str:
        """Where a config can be submitted."""
        return str(url_path_join(self.base_url, SUBMIT_PATH))

    def body(self, schema: type[Schema]) -> Schema:
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

    def answer(self, value: BaseModel | dict[str, Any], status: int = 200) -> None:
        """Give back JSON."""
        self.set_status(status)
        self.finish(value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error as JSON: ours with what it says, everything else with no more than its status."""
        error = kwargs.get("exc_info", (None, None))[1]
        if not isinstance(error, BudsimError):
            self.answer(plain_error(status_code), status_code)
            return
        if isinstance(error, StoreError):
            self.log.error("budsim: %s", error)
        retry_after = getattr(error, "retry_after_seconds", None)
        if retry_after is not None:
            self.set_header("Retry-After", str(retry_after))
        self.answer(error_response(error, self.submission_url), status_of(error))

    def log_exception(self, kind: Any, error: Any, traceback: Any) -> None:
        """An error that is the answer is no fault of the server: no traceback in its log."""
        if not isinstance(error, BudsimError):
            super().log_exception(kind, error, traceback)

    def _refuse_body(self) -> None:
        self.write_error(413, exc_info=(None, self._body.too_large(), None))


class ValidateHandler(BudsimHandler):
    """Whether a model can be calculated."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """200 for a bad model too; `valid` says so."""
        asked, service = self.body(ValidateRequest), self.extension.service
        found = await service.about([asked.model_uri], lambda: service.actions.validate(asked.model_uri))
        if found.requires_config:
            found = found.model_copy(update={"config_submission_url": self.submission_url})
        self.answer(found)


class CalculateHandler(BudsimHandler):
    """The memory that a model takes."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """A MemoryReport."""
        asked, service = self.body(CalculateRequest), self.extension.service
        self.answer(
            await service.about(
                [asked.model], lambda: service.actions.calculate(asked.model, **asked.workload).to_dict()
            )
        )


class AnalyzeHandler(BudsimHandler):
    """How the memory grows with the context."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """An AnalysisReport."""
        asked, service = self.body(AnalyzeRequest), self.extension.service
        lengths = {} if not asked.seq_lengths else {"seq_lengths": asked.seq_lengths}
        self.answer(
            await service.about(
                [asked.model], lambda: service.actions.analyze(asked.model, **lengths, **asked.workload).to_dict()
            )
        )


class CompareHandler(BudsimHandler):
    """Several models side by side."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """A ComparisonReport; models that failed are rows with why."""
        asked, service = self.body(CompareRequest), self.extension.service
        self.answer(
            await service.about(
                list(asked.model_uris), lambda: service.actions.compare(asked.model_uris, **asked.workload).to_dict()
            )
        )


class SubmitHandler(BudsimHandler):
    """A pasted config."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """200 with what it describes, or 400 with what to mend; 429 where there were too many."""
        asked, service = self.body(ConfigSubmitRequest), self.extension.service
        sender = (f"user {self.current_user.username}", f"address {self.request.remote_ip}")
        wait = self.extension.submissions.seconds_to_wait(sender)
        if wait:
            raise TooManySubmissionsError(wait)
        given = await service.asking_hub(lambda: service.actions.submit_config(asked.model_uri, asked.config))
        self.answer(given, 200 if given.success else 400)


class CheckHandler(BudsimHandler):
    """Whether a config is kept."""

    @authenticated
    @authorized
    async def get(self, model_id: str) -> None:
        """200 for a model without one too; `has_config` says so."""
        service = self.extension.service
        self.answer(await service.at_once(lambda: service.actions.check_config(model_id)))


class ConfigHandler(BudsimHandler):
    """A model's config."""

    @authenticated
    @authorized
    async def get(self, model_id: str) -> None:
        """The config and where it came from."""
        service = self.extension.service
        found = await service.about([model_id], lambda: service.actions.get_config(model_id))
        self.answer(
            ConfigResponse(
                model_id=found.model_id,
                config=found.config,
                source=found.source,
                revision=found.revision,
                is_verified=found.is_verified,
                notices=list(found.notices),
            )
        )


class OpenApiHandler(BudsimHandler):
    """What all these routes take and give."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """An OpenAPI 3.1 description."""
        self.answer(self.extension.description)


class NothingHandler(BudsimHandler):
    """Paths below the API that are none of its routes."""

    async def prepare(self) -> None:  # type: ignore[override] # as APIHandler's own
        """404, for those who may ask at all."""
        await super().prepare()
        if not self._finished:
            raise HTTPError(404)


URLS: list[tuple[str, type[BudsimHandler]]] = [
    (f"{MODELS_PATH}/validate", ValidateHandler),
    (f"{MODELS_PATH}/calculate", CalculateHandler),
    (f"{MODELS_PATH}/analyze", AnalyzeHandler),
    (f"{MODELS_PATH}/compare", CompareHandler),
    (SUBMIT_PATH, SubmitHandler),
    (rf"{MODELS_PATH}/config/check/(.+)", CheckHandler),
    (rf"{MODELS_PATH}/(.+)/config", ConfigHandler),
    ("budsim/api/openapi\\.json", OpenApiHandler),
    ("budsim/api/.*", NothingHandler),
]
"""The routes, by their path below the server's base_url; the first that matches answers."""
