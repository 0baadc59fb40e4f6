"""The description of the routes, OpenAPI 3.1, made from the schemas."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from budsim_widgets.schemas import EXAMPLE_MODEL_ID
from budsim_widgets.server.operations import OPERATIONS, Operation
from budsim_widgets.server.responses import ErrorResponse

if TYPE_CHECKING:
    from pydantic import BaseModel

_REF: Final = "#/components/schemas/{model}"


@cache
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
    return [schema for schema in (operation.body, operation.response, operation.refusal) if schema]


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _operation_id(operation.path),
        "summary": operation.summary,
        "responses": {
            "200": _json(operation.summary, operation.response),
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
                "example": EXAMPLE_MODEL_ID,
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
