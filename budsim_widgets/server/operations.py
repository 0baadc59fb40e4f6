"""What each route takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from budsim_widgets.schemas import (
    ConfigCheckResponse,
    ConfigSubmitRequest,
    ConfigSubmitResponse,
    ValidateModelResponse,
)
from budsim_widgets.server.reports import (
    AcceleratorsResponse,
    AnalysisReportResponse,
    ComparisonReportResponse,
    FitReportResponse,
    LogReportResponse,
    MemoryReportResponse,
    PrecisionsReportResponse,
)
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
from budsim_widgets.server.responses import ConfigResponse
from budsim_widgets.server.training_reports import TrainingReportResponse

if TYPE_CHECKING:
    from pydantic import BaseModel

_BAD_BODY: Final = {
    400: "The body isn't what this takes.",
    413: "The body is too large.",
    415: "The body is compressed.",
}
_NO_CONFIG: Final = {
    400: "The request, the model's id or its config can't be used.",
    403: "The model is gated: `requires_config`, and `config_submission_url` says where to submit one.",
    404: "No such model, or it has no config.json.",
    502: "The Hub gave no config.",
    503: "The Hub or the store can't be reached now.",
}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One route.

    Attributes:
        path: Below the API; `{model_id}` stands for an id, its slash encoded or not.
        method: `get` or `post`.
        summary: What it does.
        response: What 200 gives; None: this description.
        body: What it takes.
        errors: Statuses that are errors of this route, and what they mean.
        refusal: What 400 gives, where it isn't the common error.
    """

    path: str
    method: str
    summary: str
    response: type[BaseModel] | None
    body: type[BaseModel] | None = None
    errors: dict[int, str] = field(default_factory=dict)
    refusal: type[BaseModel] | None = None


OPERATIONS: Final = (
    Operation(
        path="models/validate",
        method="post",
        summary="Whether a model can be calculated; `valid` is false for a gated one",
        body=ValidateRequest,
        response=ValidateModelResponse,
        errors=_BAD_BODY,
    ),
    Operation(
        path="models/calculate",
        method="post",
        summary="The memory that a model takes",
        body=CalculateRequest,
        response=MemoryReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/fit",
        method="post",
        summary="Whether a model fits on an accelerator, and what would make it fit",
        body=FitRequest,
        response=FitReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/finetune",
        method="post",
        summary="What fine-tuning a model takes, whether that fits, and what would make it fit",
        body=FinetuneRequest,
        response=TrainingReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/compare-precisions",
        method="post",
        summary="Which file of a model fits: every precision that an engine runs",
        body=ComparePrecisionsRequest,
        response=PrecisionsReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/check-log",
        method="post",
        summary="What an engine printed beside our numbers; nothing of it is kept",
        body=CheckLogRequest,
        response=LogReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/accelerators",
        method="get",
        summary="Every known accelerator",
        response=AcceleratorsResponse,
    ),
    Operation(
        path="models/analyze",
        method="post",
        summary="How the memory of a model grows with the context",
        body=AnalyzeRequest,
        response=AnalysisReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/compare",
        method="post",
        summary="The memory of several models, those that failed with why",
        body=CompareRequest,
        response=ComparisonReportResponse,
        errors=_BAD_BODY,
    ),
    Operation(
        path="models/config/submit",
        method="post",
        summary="Keep a pasted config for a model",
        body=ConfigSubmitRequest,
        response=ConfigSubmitResponse,
        errors=_BAD_BODY | {429: "Too many submissions within a minute.", 503: "The store can't be written now."},
        refusal=ConfigSubmitResponse,
    ),
    Operation(
        path="models/config/check/{model_id}",
        method="get",
        summary="Whether a pasted config is kept for a model",
        response=ConfigCheckResponse,
        errors={400: "This is no model's id.", 503: "The store can't be read now."},
    ),
    Operation(
        path="models/{model_id}/config",
        method="get",
        summary="A model's config, and where it came from",
        response=ConfigResponse,
        errors=_NO_CONFIG,
    ),
    Operation(path="openapi.json", method="get", summary="This description", response=None),
)
