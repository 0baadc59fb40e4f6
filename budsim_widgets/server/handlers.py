"""The routes: a request → one call of an action → an answer."""

from __future__ import annotations

from tornado.web import HTTPError, authenticated

from budsim_widgets.errors import StoreError
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.schemas import ConfigSubmitRequest, ConfigSubmitResponse
from budsim_widgets.server.answers import ConfigResponse, row_response
from budsim_widgets.server.base import MODELS_PATH, SUBMIT_PATH, BudsimHandler
from budsim_widgets.server.limits import TooManySubmissionsError
from budsim_widgets.server.requests import AnalyzeRequest, CalculateRequest, CompareRequest, ValidateRequest


class ValidateHandler(BudsimHandler):
    """Whether a model can be calculated."""

    @authenticated
    async def post(self) -> None:
        """200 for a bad model too; `valid` says so."""
        asked, service = self.body(ValidateRequest), self.extension.service
        found = await service.about(asked.model_uri, lambda: service.actions.validate(asked.model_uri))
        if found.requires_config:
            found = found.model_copy(update={"config_submission_url": self.submission_url})
        self.answer(found)


class CalculateHandler(BudsimHandler):
    """The memory that a model takes."""

    @authenticated
    async def post(self) -> None:
        """A MemoryReport."""
        asked, service = self.body(CalculateRequest), self.extension.service
        self.answer(
            await service.about(asked.model, lambda: service.actions.calculate(asked.model, **asked.workload).to_dict())
        )


class AnalyzeHandler(BudsimHandler):
    """How the memory grows with the context."""

    @authenticated
    async def post(self) -> None:
        """An AnalysisReport."""
        asked, service = self.body(AnalyzeRequest), self.extension.service
        lengths = {} if not asked.seq_lengths else {"seq_lengths": asked.seq_lengths}
        self.answer(
            await service.about(
                asked.model, lambda: service.actions.analyze(asked.model, **lengths, **asked.workload).to_dict()
            )
        )


class CompareHandler(BudsimHandler):
    """Several models side by side."""

    @authenticated
    async def post(self) -> None:
        """A ComparisonReport; models that failed are rows with why."""
        asked, service = self.body(CompareRequest), self.extension.service
        found = await service.about_each(
            asked.model_uris, lambda model: service.actions.compare([model], **asked.workload)
        )
        rows = [row for report in found for row in report.rows]
        self.answer({"rows": [row_response(row, self.submission_url) for row in rows]})


class SubmitHandler(BudsimHandler):
    """A pasted config."""

    @authenticated
    async def post(self) -> None:
        """200 with what it describes, or 400 with what to mend; 429 where there were too many."""
        self._take_turn()
        asked, service = self.body(ConfigSubmitRequest), self.extension.service
        refuse_secrets(asked.model_uri)
        given = await service.keeping(lambda: service.actions.submit_config(asked.model_uri, asked.config))
        self.answer(given, self._status(given))

    def _take_turn(self) -> None:
        """Count it, whatever it holds: whoever sends nonsense is held up as well."""
        sender = (f"user {self.current_user.username}", f"address {self.request.remote_ip}")
        wait_seconds = self.extension.submissions.seconds_to_wait(sender)
        if wait_seconds:
            raise TooManySubmissionsError(wait_seconds)

    def _status(self, given: ConfigSubmitResponse) -> int:
        if given.error_code == StoreError.error_code:
            self.log.error("budsim: %s", given.message)
            return 503
        return 200 if given.success else 400


class CheckHandler(BudsimHandler):
    """Whether a config is kept."""

    @authenticated
    async def get(self, model_id: str) -> None:
        """200 for a model without one too; `has_config` says so."""
        service = self.extension.service
        self.answer(await service.at_once(lambda: service.actions.check_config(model_id)))


class ConfigHandler(BudsimHandler):
    """A model's config."""

    @authenticated
    async def get(self, model_id: str) -> None:
        """The config and where it came from."""
        service = self.extension.service
        found = await service.about(model_id, lambda: service.actions.get_config(model_id))
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
