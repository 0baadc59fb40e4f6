"""Routes that take, check and give configs."""

from __future__ import annotations

from tornado.web import authenticated

from budsim_widgets.errors import StoreError
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.schemas import ConfigSubmitRequest, ConfigSubmitResponse
from budsim_widgets.server.base import BudsimHandler
from budsim_widgets.server.rate_limit import TooManySubmissionsError
from budsim_widgets.server.requests import ValidateRequest
from budsim_widgets.server.responses import ConfigResponse


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
