"""The routes: which path is answered by which handler."""

from __future__ import annotations

from tornado.web import HTTPError, authenticated

from budsim_widgets.hardware import accelerators
from budsim_widgets.server.base import MODELS_PATH, SUBMIT_PATH, BudsimHandler
from budsim_widgets.server.config_handlers import CheckHandler, ConfigHandler, SubmitHandler, ValidateHandler
from budsim_widgets.server.report_handlers import (
    AnalyzeHandler,
    CalculateHandler,
    CheckLogHandler,
    CompareHandler,
    ComparePrecisionsHandler,
    FinetuneHandler,
    FitHandler,
)


class AcceleratorsHandler(BudsimHandler):
    """Every known accelerator."""

    @authenticated
    async def get(self) -> None:
        """The table, by vendor and kind."""
        self.respond({"accelerators": [one.to_dict() for one in accelerators()]})


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
