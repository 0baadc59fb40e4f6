"""What the fields of requests may hold: numbers, names and ids, with how the API's description shows them."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from budsim_widgets.engines import CACHE_PRECISIONS, ENGINES, WEIGHT_PRECISIONS
from budsim_widgets.hub.ids.pasted_line import refuse_secrets
from budsim_widgets.training import names


def _whole(value: object) -> object:
    """The whole number that 4096.0 is: JSON knows no difference."""
    return int(value) if isinstance(value, float) and math.isfinite(value) and value.is_integer() else value


def _no_secret(text: str) -> str:
    """The text, unless it looks like an access token: no response repeats one."""
    refuse_secrets(text)
    return text


Count = Annotated[int, BeforeValidator(_whole)]
# The bounds stand before the validator: behind it pydantic leaves them out of the description of a list's items.
Length = Annotated[int, Field(ge=1, le=100_000_000), BeforeValidator(_whole)]
# Described by the names that a person chooses from; what else stands for one of them is taken as in Python.
PrecisionName = Annotated[str, Field(min_length=1, max_length=40, json_schema_extra={"enum": list(WEIGHT_PRECISIONS)})]
CachePrecision = Annotated[str, Field(min_length=1, max_length=40, json_schema_extra={"enum": list(CACHE_PRECISIONS)})]
EngineName = Annotated[str, Field(min_length=1, max_length=40, json_schema_extra={"enum": list(ENGINES)})]
EngineFields = Annotated[
    dict[str, Any],
    Field(
        json_schema_extra={"required": ["name"], "properties": {"name": {"enum": list(ENGINES)}}},
        examples=[{"name": "vllm"}],
    ),
]
AcceleratorName = Annotated[
    str, Field(min_length=1, max_length=200, examples=["RTX 4090", "2x3090"]), AfterValidator(_no_secret)
]
TrainingName = Annotated[str, Field(min_length=1, max_length=40)]
ModelUri = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_no_secret)]
ModuleNames = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=100)]


def training_names(field: str) -> dict[str, Any]:
    """The names that a setting of training takes, for the API's description."""
    return {"enum": list(getattr(names, field))}
