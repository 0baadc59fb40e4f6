"""Clients of the API know these fields: none may be missing, none may be added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from budsim_widgets import schemas

if TYPE_CHECKING:
    from pydantic import BaseModel

FIELDS = {
    schemas.ValidateModelResponse: "valid error error_code model_id requires_config config_submission_url",
    schemas.ConfigSubmitRequest: "model_uri config",
    schemas.ConfigValidation: "valid model_type attention_type parameter_count",
    schemas.ConfigSubmitResponse: (
        "success message model_id validation error_code missing_fields required_fields details"
    ),
    schemas.ConfigCheckResponse: "has_config model_id submitted_at is_verified",
}


@pytest.mark.parametrize(("schema", "fields"), FIELDS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_schema_has_exactly_the_fields_that_clients_know(schema: type[BaseModel], fields: str) -> None:
    assert list(schema.model_fields) == fields.split()


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        schemas.ConfigSubmitRequest(model_uri="a/b", config={}, token="x")  # type: ignore[call-arg] # noqa: S106


def test_an_answer_cannot_be_changed() -> None:
    answer = schemas.ConfigCheckResponse(has_config=False, model_id="a/b")
    with pytest.raises(ValidationError):
        answer.has_config = True
