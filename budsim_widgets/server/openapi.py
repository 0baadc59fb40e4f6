"""The description of the routes, OpenAPI 3.1, made from the schemas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from budsim_widgets.schemas import (
    ConfigCheckResponse,
    ConfigSubmitRequest,
    ConfigSubmitResponse,
    ValidateModelResponse,
)
from budsim_widgets.server.answers import ConfigResponse, ErrorResponse
from budsim_widgets.server.reports import AnalysisReportResponse, ComparisonReportResponse, MemoryReportResponse
from budsim_widgets.server.requests import AnalyzeRequest, CalculateRequest, CompareRequest, ValidateRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

_REF: Final = "#/components/schemas/{model}"
_BAD_BODY: Final = {400: "The body isn't what this takes.", 413: "The body is too large."}
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
        answer: What 200 gives; None: this description.
        body: What it takes.
        errors: Statuses that are errors of this route, and what they mean.
        refusal: What 400 gives, where it isn't the common error.
    """

    path: str
    method: str
    summary: str
    answer: type[BaseModel] | None
    body: type[BaseModel] | None = None
    errors: dict[int, str] = field(default_factory=dict)
    refusal: type[BaseModel] | None = None


OPERATIONS: Final = (
    Operation(
        path="models/validate",
        method="post",
        summary="Whether a model can be calculated; `valid` is false for a gated one",
        body=ValidateRequest,
        answer=ValidateModelResponse,
        errors=_BAD_BODY,
    ),
    Operation(
        path="models/calculate",
        method="post",
        summary="The memory that a model takes",
        body=CalculateRequest,
        answer=MemoryReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/analyze",
        method="post",
        summary="How the memory of a model grows with the context",
        body=AnalyzeRequest,
        answer=AnalysisReportResponse,
        errors=_BAD_BODY | _NO_CONFIG,
    ),
    Operation(
        path="models/compare",
        method="post",
        summary="The memory of several models, those that failed with why",
        body=CompareRequest,
        answer=ComparisonReportResponse,
        errors=_BAD_BODY,
    ),
    Operation(
        path="models/config/submit",
        method="post",
        summary="Keep a pasted config for a model",
        body=ConfigSubmitRequest,
        answer=ConfigSubmitResponse,
        errors=_BAD_BODY | {429: "Too many submissions within a minute.", 503: "The store can't be written now."},
        refusal=ConfigSubmitResponse,
    ),
    Operation(
        path="models/config/check/{model_id}",
        method="get",
        summary="Whether a pasted config is kept for a model",
        answer=ConfigCheckResponse,
        errors={400: "This is no model's id.", 503: "The store can't be read now."},
    ),
    Operation(
        path="models/{model_id}/config",
        method="get",
        summary="A model's config, and where it came from",
        answer=ConfigResponse,
        errors=_NO_CONFIG,
    ),
    Operation(path="openapi.json", method="get", summary="This description", answer=None),
)


def describe(base_url: str) -> dict[str, Any]:
    """The OpenAPI description of a server's routes.

    Args:
        base_url: The server's, as in `/` or `/user/jane/`.
    """
    used = {schema for operation in OPERATIONS for schema in _schemas(operation)} | {ErrorResponse}
    ordered = sorted(used, key=lambda schema: schema.__name__)
    _, definitions = models_json_schema(
        [(schema, "validation" if schema.__name__.endswith("Request") else "serialization") for schema in ordered],
        ref_template=_REF,
    )
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/{operation.path}", {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "budsim_widgets", "version": "1", "summary": "Does this language model fit on my GPU?"},
        "servers": [{"url": f"{base_url.rstrip('/')}/budsim/api"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token` and the server's token",
                }
            },
        },
    }


def _schemas(operation: Operation) -> list[type[BaseModel]]:
    return [schema for schema in (operation.body, operation.answer, operation.refusal) if schema]


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _operation_id(operation.path),
        "summary": operation.summary,
        "responses": {
            "200": _json(operation.summary, operation.answer),
            "403": _json("Not logged in, or a cookie without its XSRF token.", ErrorResponse),
            **{str(status): _json(meaning, ErrorResponse) for status, meaning in operation.errors.items()},
        },
    }
    if operation.refusal:
        described["responses"]["400"] = _either("The config is refused, or the body is.", operation.refusal)
    if operation.body:
        described["requestBody"] = {"required": True, **_content(_reference(operation.body))}
    if "{model_id}" in operation.path:
        described["parameters"] = [
            {
                "name": "model_id",
                "in": "path",
                "required": True,
                "description": "A model's id; its slash may be encoded or not.",
                "schema": {"type": "string", "minLength": 1},
                "example": "Qwen/Qwen2.5-7B",
            }
        ]
    return described


def _operation_id(path: str) -> str:
    """`config_check` for `models/config/check/{model_id}`."""
    words = path.removeprefix("models/").replace("{model_id}", "").replace(".json", "")
    return "_".join(word for word in words.split("/") if word)


def _json(description: str, schema: type[BaseModel] | None) -> dict[str, Any]:
    return {"description": description, **_content(_reference(schema) if schema else {"type": "object"})}


def _either(description: str, schema: type[BaseModel]) -> dict[str, Any]:
    return {"description": description, **_content({"anyOf": [_reference(schema), _reference(ErrorResponse)]})}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _reference(schema: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REF.format(model=schema.__name__)}
