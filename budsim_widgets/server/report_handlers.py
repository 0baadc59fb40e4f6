"""Routes that calculate: a request → one call of an action → its report."""

from __future__ import annotations

from tornado.web import authenticated

from budsim_widgets.server.base import BudsimHandler
from budsim_widgets.server.requests import (
    AnalyzeRequest,
    CalculateRequest,
    CheckLogRequest,
    ComparePrecisionsRequest,
    CompareRequest,
    FinetuneRequest,
    FitRequest,
)
from budsim_widgets.server.responses import row_response


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
