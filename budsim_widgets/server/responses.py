"""What is given back: reports as they are in Python, and errors as JSON with the matching status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from budsim_widgets.errors import (
    BudsimError,
    ConfigError,
    GatedModelError,
    HubError,
    HubUnavailableError,
    ModelDisabledError,
    ModelIdError,
    ModelNotFoundError,
    NoConfigError,
    RateLimitError,
    RegionError,
    RevisionNotFoundError,
    StoreError,
    TokenError,
    WorkloadError,
)
from budsim_widgets.server.bodies import BodyEncodedError, BodyTooLargeError, RequestError
from budsim_widgets.server.rate_limit import TooManySubmissionsError
from budsim_widgets.server.service import LocalTimeoutError

if TYPE_CHECKING:
    from budsim_widgets.memory import ComparisonRow


STATUS: Final[dict[type[BudsimError], int]] = {
    RequestError: 400,
    ConfigError: 400,
    ModelIdError: 400,
    WorkloadError: 400,
    GatedModelError: 403,
    TokenError: 403,
    RegionError: 403,
    ModelDisabledError: 403,
    ModelNotFoundError: 404,
    RevisionNotFoundError: 404,
    NoConfigError: 404,
    BodyTooLargeError: 413,
    BodyEncodedError: 415,
    TooManySubmissionsError: 429,
    LocalTimeoutError: 503,
    RateLimitError: 503,
    HubUnavailableError: 503,
    HubError: 502,
    StoreError: 503,
}
"""The status of each error, or of the nearest class above it."""

_STATUS_WORDS: Final = {
    400: ("INVALID_REQUEST", "The request can't be understood.", "The OpenAPI description says what each route takes."),
    401: ("NOT_AUTHENTICATED", "It isn't known who asks.", "Send the server's token."),
    403: (
        "FORBIDDEN",
        "This needs the server's token, or its cookie with the XSRF token, and a host's name that the server allows.",
        "Send the server's token.",
    ),
    404: ("NOT_FOUND", "There is nothing here.", "The OpenAPI description lists the routes."),
    405: ("METHOD_NOT_ALLOWED", "This route has another method.", "The OpenAPI description lists the methods."),
}
_WORDS: Final = {
    "model_type": "The body should be a JSON object.",
    "dict_type": "It should be a JSON object.",
    "extra_forbidden": "This route has no such field.",
    "missing": "It is missing.",
}
"""What pydantic says in Python's words, by its types of errors."""
_SERVER_FAULT: Final = ("SERVER_ERROR", "Something went wrong on the server.", "Its log says what.")


class ErrorResponse(BaseModel):
    """What went wrong, for a program and for a person."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    error_code: str
    message: str
    next_step: str
    model_id: str | None = None
    requires_config: bool = False
    config_submission_url: str | None = None
    missing_fields: list[str] = Field(default_factory=list)
    required_fields: list[str] = Field(default_factory=list)
    details: dict[str, Any] = Field(default_factory=dict)


class ConfigResponse(BaseModel):
    """A model's config and where it came from."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    model_id: str | None
    config: dict[str, Any]
    source: str
    revision: str | None
    is_verified: bool
    notices: list[str]


def status_of(error: BudsimError) -> int:
    """The HTTP status that an error is sent with."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_response(error: BudsimError, submission_url: str) -> ErrorResponse:
    """An error as JSON. Nothing of the machine is in it: no path, no token, no line of code."""
    can_paste = isinstance(error, HubError) and error.can_paste
    if isinstance(error, StoreError):
        # its own words name the file
        message, next_step = "The store of configs can't be used.", "The server's log says why."
    else:
        message, next_step = error.message, error.next_step
    return ErrorResponse(
        error_code=error.error_code,
        message=message,
        next_step=next_step,
        model_id=error.model_id,
        requires_config=can_paste,
        config_submission_url=submission_url if can_paste else None,
        missing_fields=list(getattr(error, "missing_fields", ())),
        required_fields=list(getattr(error, "required_fields", ())),
        details=_details(error),
    )


def row_response(row: ComparisonRow, submission_url: str) -> dict[str, Any]:
    """A row of a comparison; its error as it would be sent alone."""
    error = error_response(row.error, submission_url).model_dump() if row.error else None
    return {**row.to_dict(), "error": error}


def plain_error(status: int) -> ErrorResponse:
    """The response to what never reached an action: no login, no such route, a fault of the server."""
    code, message, next_step = _STATUS_WORDS.get(status, _SERVER_FAULT)
    return ErrorResponse(error_code=code, message=message, next_step=next_step)


def from_validation(error: ValidationError) -> RequestError:
    """What a body lacks, or has too much of; its values are not repeated."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # A field of two types is followed by the one that was tried.
    field = ".".join(str(part) for part in first["loc"] if part != "dict[str,any]")[:200]
    message = _WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
    return RequestError(
        f"{field}: {message}" if field else message,
        field=field or None,
        next_step="The OpenAPI description says what each route takes.",
    )


def _details(error: BudsimError) -> dict[str, Any]:
    names = ("code", "field", "line", "access", "found", "base_model", "retry_after_seconds")
    found = {name: value for name in names if (value := getattr(error, name, None)) not in (None, ())}
    files = [file._asdict() for file in getattr(error, "gguf_files", ())]
    return {**found, "gguf_files": files} if files else found
