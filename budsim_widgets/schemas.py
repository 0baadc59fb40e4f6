"""Requests and answers of the actions, the same in Python, in the panel and over HTTP.

The field names are fixed: clients of the API know them.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic resolves the annotation at run time
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

ModelKind = Literal["decoder-only", "encoder-decoder", "encoder-only", "multimodal", "state-space", "hybrid"]
AttentionType = Literal["mha", "mqa", "gqa", "mla"]

EXAMPLE_MODEL_ID: Final = "Qwen/Qwen2.5-7B"
EXAMPLE_CONFIG: Final = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_attention_heads": 28,
    "num_hidden_layers": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
}


class _Schema(BaseModel):
    # `model_id` and `model_type` are the field's own words, hence no protected namespace.
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ValidateModelResponse(_Schema):
    """Whether a model can be calculated, and if not, why and what helps."""

    valid: bool
    error: str | None = None
    error_code: str | None = None
    model_id: str | None = None
    requires_config: bool = False
    config_submission_url: str | None = None


class ConfigSubmitRequest(_Schema):
    """A config that a person pasted for a model."""

    model_uri: str = Field(min_length=1, max_length=500, examples=[EXAMPLE_MODEL_ID])
    config: dict[str, Any] | str = Field(examples=[EXAMPLE_CONFIG])


class ConfigValidation(_Schema):
    """What an accepted config describes."""

    valid: bool
    model_type: ModelKind | None = None
    attention_type: AttentionType | None = None
    parameter_count: int | None = Field(default=None, ge=0)


class ConfigSubmitResponse(_Schema):
    """What became of a pasted config.

    `details` may hold `code` (the finer code of a refusal), `field`, `line`, `next_step`, `repairs` and `warnings`.
    """

    success: bool
    message: str
    model_id: str | None = None
    validation: ConfigValidation | None = None
    error_code: str | None = None
    missing_fields: list[str] = Field(default_factory=list)
    required_fields: list[str] = Field(default_factory=list)
    details: dict[str, Any] = Field(default_factory=dict)


class ConfigCheckResponse(_Schema):
    """Whether a pasted config is kept for a model."""

    has_config: bool
    model_id: str
    submitted_at: datetime | None = None
    is_verified: bool = False
