"""The training report as a schema: what its `to_dict` holds."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from budsim_widgets.server.reports import (  # noqa: TC001 - pydantic resolves annotations at run time
    AcceleratorResponse,
    Basis,
    OptionResponse,
    Verdict,
)

Bytes = Field(ge=0, description="Bytes.")


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class TrainingPartsResponse(_Report):
    """What a device holds at one time, by its parts."""

    weight_bytes: int = Bytes
    gradient_bytes: int = Bytes
    optimizer_bytes: int = Bytes
    activation_bytes: int = Bytes
    loss_bytes: int = Bytes
    overhead_bytes: int = Bytes
    total_bytes: int = Bytes


class TrainingMomentResponse(TrainingPartsResponse):
    """What a device holds at one moment of a step."""

    name: Literal["load", "generate", "forward", "loss", "backward", "step"]


class TrainingDeviceResponse(TrainingPartsResponse):
    """What one device holds at the peak."""

    index: int = Field(ge=0)


class TrainingSettingsResponse(_Report):
    """What was asked for."""

    method: str
    batch_size: int
    seq_length: int
    precision: str
    optimizer: str
    gradient_checkpointing: bool | Literal["offload"]
    lora_rank: int
    lora_targets: str | list[str]
    modules_to_save: list[str]
    adapter_precision: str
    double_quantization: bool
    frozen: list[str]
    tool: str
    trainer: str
    attention: str
    loss: str
    num_devices: int
    sharding: str | None
    offload_optimizer: bool
    gradient_accumulation: int


class TrainingFitResponse(_Report):
    """How a step sits on an accelerator."""

    accelerator: AcceleratorResponse
    verdict: Verdict
    capacity_bytes: int = Bytes
    free_bytes: int = Field(description="What stays free on the fullest device; negative: what it lacks.")
    max_seq_length: int = Field(ge=0)
    max_batch_size: int = Field(ge=0)


class TrainingReportResponse(_Report):
    """What fine-tuning takes on each device; the parts are each at its largest, `moments` say what stands when."""

    model_id: str | None
    method: Literal["full", "lora", "qlora"]
    basis: Basis
    basis_of: dict[str, Basis]
    num_parameters: int = Field(ge=0)
    num_trainable_parameters: int = Field(ge=0)
    weight_bytes: int = Bytes
    gradient_bytes: int = Bytes
    optimizer_bytes: int = Bytes
    activation_bytes: int = Bytes
    loss_bytes: int = Bytes
    overhead_bytes: int = Bytes
    host_bytes: int = Field(ge=0, description="What lies in the computer's own memory, for each device.")
    total_bytes: int = Field(ge=0, description="The peak of the fullest device.")
    total_bytes_range: tuple[int, int]
    peak: str = Field(description="The moment that holds most.")
    moments: list[TrainingMomentResponse]
    per_device: list[TrainingDeviceResponse]
    num_devices: int = Field(ge=1)
    workload: TrainingSettingsResponse
    config_source: str
    notes: list[str]
    fit: TrainingFitResponse | None = Field(description="Null where no accelerator was named.")
    options: list[OptionResponse] = Field(description="Changes that help, the best first.")
    recommendations: list[str]
