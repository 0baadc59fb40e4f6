"""The routes: a request → one call of an action → a response."""

from __future__ import annotations

from tornado.web import HTTPError, authenticated

from budsim_widgets.errors import StoreError
from budsim_widgets.hardware import accelerators
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.schemas import ConfigSubmitRequest, ConfigSubmitResponse
from budsim_widgets.server.base import MODELS_PATH, SUBMIT_PATH, BudsimHandler
from budsim_widgets.server.rate_limit import TooManySubmissionsError
from budsim_widgets.server.requests import (
    AnalyzeRequest,
    CalculateRequest,
    CheckLogRequest,
    ComparePrecisionsRequest,
    CompareRequest,
    FinetuneRequest,
    FitRequest,
    ValidateRequest,
)
from budsim_widgets.server.responses import ConfigResponse, row_response


class ValidateHandler(BudsimHandler):
    """Whether a model can be calculated."""

    @authenticated
    async def post(self) -> None:
        """200 for a bad model too; `valid` says so."""
        body, service = self.parse_body(ValidateRequest), self.context.service
        found = await service.run_for_model(body.model_uri, lambda: service.actions.validate(body.model_uri))
        if found.requires_config:
            found = found.model_copy(update={"config_submission_url": self.submission_url})
        self.respond(found)


class CalculateHandler(BudsimHandler):
    """The memory that a model takes."""

    @authenticated
    async def post(self) -> None:
        """A MemoryReport."""
        body, service = self.parse_body(CalculateRequest), self.context.service
        self.respond(
            await service.run_for_model(
                body.model, lambda: service.actions.calculate(body.model, **body.workload).to_dict()
            )
        )


class FitHandler(BudsimHandler):
    """Whether a model fits on an accelerator."""

    @authenticated
    async def post(self) -> None:
        """A FitReport."""
        body, service = self.parse_body(FitRequest), self.context.service
        self.respond(
            await service.run_for_model(
                body.model, lambda: service.actions.fitting.fit(body.model, **body.workload).to_dict()
            )
        )


class FinetuneHandler(BudsimHandler):
    """What fine-tuning a model takes."""

    @authenticated
    async def post(self) -> None:
        """A TrainingReport."""
        body, service = self.parse_body(FinetuneRequest), self.context.service
        training = service.actions.training
        self.respond(
            await service.run_for_model(body.model, lambda: training.finetune(body.model, **body.settings).to_dict())
        )


class ComparePrecisionsHandler(BudsimHandler):
    """Which file of a model fits."""

    @authenticated
    async def post(self) -> None:
        """A PrecisionsReport."""
        body, service = self.parse_body(ComparePrecisionsRequest), self.context.service
        fitting = service.actions.fitting
        self.respond(
            await service.run_for_model(
                body.model, lambda: fitting.compare_precisions(body.model, **body.workload).to_dict()
            )
        )


class CheckLogHandler(BudsimHandler):
    """What an engine printed beside our numbers."""

    @authenticated
    async def post(self) -> None:
        """A LogReport."""
        body, service = self.parse_body(CheckLogRequest), self.context.service
        self.respond(
            await service.run_for_model(
                body.model, lambda: service.actions.fitting.check_log(body.model, body.text).to_dict()
            )
        )


class AcceleratorsHandler(BudsimHandler):
    """Every known accelerator."""

    @authenticated
    async def get(self) -> None:
        """The table, by vendor and kind."""
        self.respond({"accelerators": [one.to_dict() for one in accelerators()]})


class AnalyzeHandler(BudsimHandler):
    """How the memory grows with the context."""

    @authenticated
    async def post(self) -> None:
        """An AnalysisReport."""
        body, service = self.parse_body(AnalyzeRequest), self.context.service
        lengths = {} if not body.seq_lengths else {"seq_lengths": body.seq_lengths}
        self.respond(
            await service.run_for_model(
                body.model, lambda: service.actions.analyze(body.model, **lengths, **body.workload).to_dict()
            )
        )


class CompareHandler(BudsimHandler):
    """Several models side by side."""

    @authenticated
    async def post(self) -> None:
        """A ComparisonReport; models that failed are rows with why."""
        body, service = self.parse_body(CompareRequest), self.context.service
        found = await service.run_for_each(
            body.model_uris, lambda model: service.actions.compare([model], **body.workload)
        )
        rows = [row for report in found for row in report.rows]
        self.respond({"rows": [row_response(row, self.submission_url) for row in rows]})


class SubmitHandler(BudsimHandler):
    """A pasted config."""

    @authenticated
    async def post(self) -> None:
        """200 with what it describes, or 400 with what to fix; 429 where there were too many."""
        self._check_rate_limit()
        body, service = self.parse_body(ConfigSubmitRequest), self.context.service
        refuse_secrets(body.model_uri)
        response = await service.run_submission(lambda: service.actions.submit_config(body.model_uri, body.config))
        self.respond(response, self._status(response))

    def _check_rate_limit(self) -> None:
        """Count it, whatever it holds: whoever sends nonsense is held up as well."""
        sender = (f"user {self.current_user.username}", f"address {self.request.remote_ip}")
        wait_seconds = self.context.submissions.seconds_to_wait(sender)
        if wait_seconds:
            raise TooManySubmissionsError(wait_seconds)

    def _status(self, response: ConfigSubmitResponse) -> int:
        if response.error_code == StoreError.error_code:
            self.log.error("budsim: %s", response.message)
            return 503
        return 200 if response.success else 400


class CheckHandler(BudsimHandler):
    """Whether a config is kept."""

    @authenticated
    async def get(self, model_id: str) -> None:
        """200 for a model without one too; `has_config` says so."""
        service = self.context.service
        self.respond(await service.run_locally(lambda: service.actions.check_config(model_id)))


class ConfigHandler(BudsimHandler):
    """A model's config."""

    @authenticated
    async def get(self, model_id: str) -> None:
        """The config and where it came from."""
        service = self.context.service
        found = await service.run_for_model(model_id, lambda: service.actions.get_config(model_id))
        self.respond(
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
    async def get(self) -> None:
        """An OpenAPI 3.1 description."""
        self.respond(self.context.description)


class NotFoundHandler(BudsimHandler):
    """Paths below the API that are none of its routes."""

    async def prepare(self) -> None:  # type: ignore[override] # as APIHandler's own
        """404, for those who may ask at all."""
        await super().prepare()
        if not self._finished:
            raise HTTPError(404)


URLS: list[tuple[str, type[BudsimHandler]]] = [
    (f"{MODELS_PATH}/validate", ValidateHandler),
    (f"{MODELS_PATH}/calculate", CalculateHandler),
    (f"{MODELS_PATH}/fit", FitHandler),
    (f"{MODELS_PATH}/finetune", FinetuneHandler),
    (f"{MODELS_PATH}/compare-precisions", ComparePrecisionsHandler),
    (f"{MODELS_PATH}/check-log", CheckLogHandler),
    (f"{MODELS_PATH}/accelerators", AcceleratorsHandler),
    (f"{MODELS_PATH}/analyze", AnalyzeHandler),
    (f"{MODELS_PATH}/compare", CompareHandler),
    (SUBMIT_PATH, SubmitHandler),
    (rf"{MODELS_PATH}/config/check/(.+)", CheckHandler),
    (rf"{MODELS_PATH}/(.+)/config", ConfigHandler),
    ("budsim/api/openapi\\.json", OpenApiHandler),
    ("budsim/api/.*", NotFoundHandler),
]
"""The routes, by their path below the server's base_url; the first that matches answers."""
