"""The reports as schemas: what `to_dict` of each holds."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from budsim_widgets.schemas import AttentionType, ModelKind  # noqa: TC001 - pydantic resolves annotations at run time
from budsim_widgets.server.responses import ErrorResponse  # noqa: TC001 - the same

Bytes = Field(ge=0, description="Bytes.")


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class DeviceMemoryResponse(_Report):
    """What one device of several holds."""

    index: int
    weight_bytes: int = Bytes
    kv_cache_bytes: int = Bytes
    state_bytes: int = Bytes
    activation_bytes: int = Bytes
    overhead_bytes: int = Bytes
    total_bytes: int = Bytes


class WorkloadResponse(_Report):
    """What was asked for."""

    batch_size: int
    seq_length: int
    precision: str
    kv_cache_precision: str
    engine: str
    tensor_parallel: int
    pipeline_parallel: int


class MemoryReportResponse(_Report):
    """What a model takes with a workload, on all devices together."""

    model_id: str | None
    model_type: ModelKind
    attention_type: AttentionType | None
    basis: Literal["exact", "estimate"]
    notes: list[str]
    num_parameters: int = Field(ge=0)
    num_active_parameters: int = Field(ge=0)
    weight_bytes: int = Bytes
    kv_cache_bytes: int = Bytes
    state_bytes: int = Bytes
    activation_bytes: int = Bytes
    overhead_bytes: int = Bytes
    total_bytes: int = Bytes
    per_device: list[DeviceMemoryResponse]
    recommendations: list[str]
    workload: WorkloadResponse
    config_source: str


class AnalysisReportResponse(_Report):
    """A report for each of several context lengths."""

    model_id: str | None
    memory_per_token_bytes: float = Field(ge=0, description="Bytes, between the two longest lengths on average.")
    insights: list[str]
    recommendations: list[str]
    reports: list[MemoryReportResponse]


class ComparisonRowResponse(_Report):
    """One model of a comparison: a report or an error."""

    model_id: str
    report: MemoryReportResponse | None
    error: ErrorResponse | None


class ComparisonReportResponse(_Report):
    """One row a model, in the order asked for."""

    rows: list[ComparisonRowResponse]
