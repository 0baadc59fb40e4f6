"""The reports as schemas: what `to_dict` of each holds."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from budsim_widgets.schemas import AttentionType, ModelKind  # noqa: TC001 - pydantic resolves annotations at run time
from budsim_widgets.server.responses import ErrorResponse  # noqa: TC001 - the same

Bytes = Field(ge=0, description="Bytes.")
Basis: TypeAlias = Literal["exact", "estimate"]
Verdict: TypeAlias = Literal["fits", "tight", "does_not_fit"]


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class DeviceMemoryResponse(_Report):
    """What one device holds."""

    index: int
    weight_bytes: int = Bytes
    kv_cache_bytes: int = Bytes
    state_bytes: int = Bytes
    activation_bytes: int = Bytes
    overhead_bytes: int = Bytes
    total_bytes: int = Bytes


class EngineResponse(BaseModel):
    """An engine: its name, and its settings beside it."""

    model_config = ConfigDict(extra="allow")

    name: str


class WorkloadResponse(_Report):
    """What was asked for."""

    batch_size: int
    seq_length: int
    precision: str
    kv_cache_precision: str
    engine: EngineResponse
    tensor_parallel: int
    pipeline_parallel: int
    accelerator: str | dict[str, Any] | None = Field(description="Its name, or the fields of one of one's own.")


class MemoryReportResponse(_Report):
    """What a model takes with a workload, on all devices together."""

    model_id: str | None
    model_type: ModelKind
    attention_type: AttentionType | None
    basis: Basis
    basis_of: dict[str, Basis] = Field(description="Exact or an estimate, for each part.")
    notes: list[str]
    num_parameters: int = Field(ge=0)
    num_parameters_range: tuple[int, int] = Field(description="The fewest and the most that the model may have.")
    num_active_parameters: int = Field(ge=0)
    weight_bytes: int = Bytes
    kv_cache_bytes: int = Bytes
    state_bytes: int = Bytes
    activation_bytes: int = Bytes
    overhead_bytes: int = Bytes
    total_bytes: int = Bytes
    total_bytes_range: tuple[int, int] = Field(description="The total with the low and the high end of its estimates.")
    host_bytes: int = Bytes
    projector_bytes: int = Bytes
    file_bytes: int = Bytes
    file_bytes_range: tuple[int, int] = Field(description="The fewest and the most that such files hold.")
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
    full_at: dict[str, int] = Field(description="The longest context that fits, by accelerator.")
    reports: list[MemoryReportResponse]


class ComparisonRowResponse(_Report):
    """One model of a comparison: a report or an error."""

    model_id: str
    report: MemoryReportResponse | None
    error: ErrorResponse | None


class ComparisonReportResponse(_Report):
    """One row a model, in the order asked for."""

    rows: list[ComparisonRowResponse]


class AcceleratorResponse(_Report):
    """An accelerator; what isn't known is null."""

    name: str
    vendor: str
    memory_bytes: int | None = Field(description="As sold.")
    driver_bytes: int | None = Field(description="The total that the vendor's tool shows.")
    usable_bytes: int = Field(description="What a process gets.")
    usable_bytes_range: tuple[int, int]
    usable_is_estimate: bool
    bandwidth_bytes_per_second: float | None
    flops: dict[str, float] = Field(description="Dense operations a second, by number format.")
    interconnect_bytes_per_second: float | None
    driver_names: list[str]
    unified_memory: bool
    launch_year: int | None
    source: str


class AcceleratorsResponse(_Report):
    """Every known accelerator."""

    accelerators: list[AcceleratorResponse]


class OptionResponse(_Report):
    """A change that makes it fit or frees memory."""

    changes: dict[str, Any] = Field(description="Parameters, or settings of the engine, with their new values.")
    saved_bytes: int = Field(description="What it frees on the fullest device.")
    free_bytes: int = Field(description="What is free there then; negative: what it lacks.")
    verdict: Verdict


class FitReportResponse(_Report):
    """Whether a model fits on an accelerator."""

    model_id: str | None
    accelerator: AcceleratorResponse
    num_devices: int = Field(ge=1)
    workload: WorkloadResponse
    verdict: Verdict = Field(description="`tight` where only part of the range of the estimates fits.")
    memory: MemoryReportResponse
    capacity_bytes: int = Field(description="What the engine fills of each device.")
    free_bytes: int = Field(description="What stays free on the fullest device; negative: what it lacks.")
    max_seq_length: int | None = Field(description="Null where the cache doesn't grow with the context.")
    limited_by: Literal["memory", "model"] | None
    max_batch_size: int = Field(ge=0)
    cache_tokens: int = Field(ge=0)
    max_concurrency: float = Field(ge=0)
    gpu_layers: int | None
    options: list[OptionResponse] = Field(description="The best first.")
    launch_command: str | None


class PrecisionRowResponse(_Report):
    """One precision of a model."""

    precision: str
    file_bytes: int = Bytes
    weight_bytes: int = Bytes
    total_bytes: int = Bytes
    basis: Basis
    verdict: Verdict | None = Field(description="Null where no accelerator is known.")
    free_bytes: int | None = Field(description="What stays free on the fullest device; negative: what it lacks.")
    max_seq_length: int | None
    gpu_layers: int | None = Field(description="The most layers that fit, where the engine places them one by one.")


class PrecisionsReportResponse(_Report):
    """A model in every precision of an engine, the largest files first."""

    model_id: str | None
    workload: WorkloadResponse
    accelerator: AcceleratorResponse | None
    best: str | None = Field(description="The largest that fits, else the largest that is tight.")
    rows: list[PrecisionRowResponse]


class LogRowResponse(_Report):
    """One figure of a log beside ours."""

    part: str
    unit: Literal["bytes", "tokens", "requests"]
    logged: float
    ours: float | None = Field(description="Null where there is no figure of ours.")
    reason: str


class LogReportResponse(_Report):
    """What an engine printed beside our numbers."""

    engine: str | None
    label: str
    version: str | None
    settings: dict[str, Any]
    rows: list[LogRowResponse]
    not_said: list[str] = Field(description="Parts that such a log may show, and this one doesn't.")
    notes: list[str]
    workload: WorkloadResponse | None
