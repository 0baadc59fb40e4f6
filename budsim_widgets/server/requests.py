"""What the bodies of requests hold."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from budsim_widgets.actions import DEFAULT_SEQ_LENGTHS
from budsim_widgets.engines.logs import MAX_CHARACTERS
from budsim_widgets.schemas import EXAMPLE_CONFIG, EXAMPLE_MODEL_ID
from budsim_widgets.server.fields import (
    AcceleratorName,
    CachePrecision,
    Count,
    EngineFields,
    EngineName,
    Length,
    ModelUri,
    ModuleNames,
    PrecisionName,
    TrainingName,
    training_names,
)

MAX_COMPARED = 16
MAX_LENGTHS = 64
MAX_DEVICES = 4_096
"""Devices in one response, those of all its reports together: half a MiB, and a tenth of a second."""


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, protected_namespaces=())


class ValidateRequest(_Request):
    """The model that may or may not be calculated."""

    model_uri: ModelUri = Field(description="A model's id or address on the Hub.", examples=[EXAMPLE_MODEL_ID])


class RunFields(_Request):
    """What a model is to be run with, whatever the format of its weights."""

    batch_size: Count = Field(default=1, ge=1, le=65_536, description="Sequences at once.")
    kv_cache_precision: CachePrecision = Field(default="auto", description="Format of keys and values.")
    engine: EngineName | EngineFields = Field(
        default="transformers", description="What runs the model: its name, or an object of its name and settings."
    )
    tensor_parallel: Count = Field(default=1, ge=1, le=1_024, description="Devices that share each layer.")
    pipeline_parallel: Count = Field(
        default=1, ge=1, le=1_024, description="Pipeline stages that the layers are divided over."
    )

    accelerator: AcceleratorName | dict[str, Any] | None = Field(
        default=None, description="What it runs on: a name as people write it, or an object of its name and memory_gib."
    )

    @model_validator(mode="after")
    def _check_num_devices(self) -> RunFields:
        devices = self.tensor_parallel * self.pipeline_parallel * self._num_reports
        if devices > MAX_DEVICES:
            raise ValueError(
                f"The response would list {devices:,} devices, and may list {MAX_DEVICES:,}: "
                "ask for fewer devices, lengths or models."
            )
        return self

    @property
    def _num_reports(self) -> int:
        return 1

    @property
    def workload(self) -> dict[str, Any]:
        """The fields of an `engines.Workload`."""
        return self.model_dump(exclude={"model_uri", "config", "model_uris", "seq_lengths"})


class WorkloadFields(RunFields):
    """What a model is to be run with, as in Python's `calculate`."""

    precision: PrecisionName = Field(default="auto", description="Format of the weights.")


class _ModelFields(_Request):
    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["model_uri"]}, {"required": ["config"]}]})

    model_uri: ModelUri = Field(
        default_factory=str, description="A model's id or address on the Hub.", examples=[EXAMPLE_MODEL_ID]
    )
    config: dict[str, Any] = Field(
        default_factory=dict, description="A config, where no model is named.", examples=[EXAMPLE_CONFIG]
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> _ModelFields:
        if len(self.model_fields_set & {"model_uri", "config"}) != 1:
            raise ValueError("Give either model_uri or config.")
        return self

    @property
    def model(self) -> str | dict[str, Any]:
        """Whichever is given."""
        return self.model_uri or self.config


class CalculateRequest(_ModelFields, WorkloadFields):
    """A model and a workload."""

    seq_length: Length = Field(default=2048, description="Tokens of each sequence.")


class FitRequest(CalculateRequest):
    """A model, a workload and an accelerator; without one, what the server's machine has."""


class FinetuneRequest(_ModelFields):
    """A model, and how it is to be trained."""

    method: TrainingName = Field(default="lora", json_schema_extra=training_names("METHODS"))
    batch_size: Count = Field(default=1, ge=1, le=65_536, description="Sequences at once on each device.")
    seq_length: Length = Field(default=2048, description="Tokens of each sequence.")
    precision: TrainingName = Field(
        default="bf16", description="Format of the weights.", json_schema_extra=training_names("PRECISIONS")
    )
    optimizer: TrainingName = Field(default="adamw", json_schema_extra=training_names("OPTIMIZERS"))
    gradient_checkpointing: bool | Literal["offload"] = Field(
        default=True, description="Whether layers are computed again; `offload`: from inputs in the host's memory."
    )
    lora_rank: Count = Field(default=16, ge=1, le=65_536, description="Rank of the adapters.")
    lora_targets: Literal["all-linear"] | ModuleNames = Field(
        default="all-linear", description="All linear layers as PEFT means it, or names of modules."
    )
    modules_to_save: ModuleNames = Field(default_factory=list, description="Modules trained whole beside adapters.")
    adapter_precision: TrainingName = Field(default="auto", json_schema_extra=training_names("ADAPTER_PRECISIONS"))
    double_quantization: bool = Field(default=True, description="Whether the scales of a QLoRA base are quantized.")
    frozen: ModuleNames = Field(default_factory=list, description="Modules that a full fine-tuning leaves as they are.")
    tool: TrainingName = Field(default="peft", description="What trains.", json_schema_extra=training_names("TOOLS"))
    trainer: TrainingName = Field(default="sft", json_schema_extra=training_names("TRAINERS"))
    attention: TrainingName = Field(default="sdpa", json_schema_extra=training_names("ATTENTIONS"))
    loss: TrainingName = Field(default="auto", json_schema_extra=training_names("LOSSES"))
    num_devices: Count | None = Field(
        default=None,
        ge=1,
        le=1_024,
        description="Devices that train together; null: as many as the accelerator's name.",
    )
    sharding: Literal["zero1", "zero2", "zero3", "fsdp"] | None = Field(
        default=None, description="What the devices share; null: nothing."
    )
    offload_optimizer: bool = Field(default=False, description="Whether its states stay in the host's memory.")
    gradient_accumulation: Count = Field(default=1, ge=1, le=65_536, description="Batches before each step.")
    accelerator: AcceleratorName | dict[str, Any] | None = Field(
        default=None, description="Where it must fit: a name as people write it, or an object of name and memory_gib."
    )

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of the action beside the model."""
        return self.model_dump(exclude={"model_uri", "config"})


class ComparePrecisionsRequest(_ModelFields, RunFields):
    """A model, and what all its precisions are compared with; without an accelerator, what the server's machine has."""

    engine: EngineName | EngineFields = Field(
        default="llama.cpp", description="What runs the files: its name, or an object of its name and settings."
    )
    seq_length: Length = Field(default=2048, description="Tokens of each sequence.")


class CheckLogRequest(_ModelFields):
    """A model and what an engine printed; the workload is the one that the log shows."""

    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, description="What the engine printed while it started.")


class AnalyzeRequest(_ModelFields, WorkloadFields):
    """A model, a workload, and context lengths."""

    seq_lengths: list[Length] = Field(
        default_factory=list,
        min_length=1,
        max_length=MAX_LENGTHS,
        description="Tokens; without them 1,024 and its doubles, as far as the model's context goes.",
    )

    @property
    def _num_reports(self) -> int:
        return len(self.seq_lengths or DEFAULT_SEQ_LENGTHS)


class CompareRequest(WorkloadFields):
    """Several models and one workload."""

    model_uris: list[ModelUri] = Field(min_length=1, max_length=MAX_COMPARED, description="Ids or addresses.")
    seq_length: Length = Field(default=2048, description="Tokens of each sequence.")

    @property
    def _num_reports(self) -> int:
        return len(self.model_uris)
