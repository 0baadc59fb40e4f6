"""What an engine is: everything that memory asks of the program that runs a model.

An engine is one module with a frozen dataclass whose fields are its settings. Whatever it hasn't answered is a
TypeError when it is made, never another engine's number; and what it answers says itself whether it is exact.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from budsim_widgets.data import load_table
from budsim_widgets.engines.answers import Estimate
from budsim_widgets.engines.parallel import spread
from budsim_widgets.formats.precision import COMPUTE_DTYPES, WeightPrecision, own_precision

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.answers import CacheBytes, Served, Spread
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.stored import StoredWeights
    from budsim_widgets.hardware import Accelerator


@dataclass(frozen=True, kw_only=True)
class Engine(ABC):
    """A program that runs a model, with its settings as fields.

    Attributes:
        name: Its name in code and over HTTP.
        label: What people call it.
        weight_precisions: The names that `precision=` takes.
        cache_precisions: The names that `kv_cache_precision=` takes.
        smaller_weight_precisions: Those to save memory with, from the largest to the smallest.
        smaller_cache_precisions: The same for keys and values.
        activations_detail: What its activations are, in a few words.
        overhead_detail: What its overhead is.
        reserves_cache: Whether it takes all that is left of a device for the cache in advance.
        profiles_largest_batch: Whether what it keeps free beside weights and cache is found at the start, for
            the largest batch that it takes: then no `batch_size` changes it.
        loads_with_transformers: Whether transformers makes its weights, and keeps some of them in fp32.
        dividing_parameters: Those of a workload that divide a model over more devices in ways of their own.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    weight_precisions: ClassVar[tuple[str, ...]]
    cache_precisions: ClassVar[tuple[str, ...]]
    smaller_weight_precisions: ClassVar[tuple[str, ...]]
    smaller_cache_precisions: ClassVar[tuple[str, ...]]
    activations_detail: ClassVar[str] = "peak while a prompt is read"
    overhead_detail: ClassVar[str] = "CUDA context, libraries, allocator"
    reserves_cache: ClassVar[bool] = False
    profiles_largest_batch: ClassVar[bool] = False
    loads_with_transformers: ClassVar[bool] = False
    dividing_parameters: ClassVar[tuple[str, ...]] = ("tensor_parallel", "pipeline_parallel")

    @abstractmethod
    def made_on_load(self, precision: str) -> QuantizedFormat | None:
        """What the engine makes of plain weights while it loads them; None where it makes nothing of that name."""

    @abstractmethod
    def cache(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> CacheBytes:
        """The cache after `seq_length` tokens of every sequence.

        Args:
            architecture: The model.
            workload: How it runs.
            compute_dtype: Format of the computation, which `kv_cache_precision="auto"` means.
        """

    @abstractmethod
    def activations(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> Estimate:
        """What a device holds beside weights and cache at its peak."""

    @abstractmethod
    def overhead(self, workload: EngineWorkload) -> Estimate:
        """What a process takes on each device before it holds a tensor."""

    @abstractmethod
    def budget_bytes(self, accelerator: Accelerator) -> int:
        """What the engine fills of one device, in bytes."""

    def seen_of(self, accelerator: Accelerator) -> Hashable:
        """What of an accelerator all other answers depend on: of two with the same, one has to be measured.

        Here the whole accelerator; an engine whose numbers depend on less of it says so.
        """
        return accelerator

    def held_by(self, accelerator: Accelerator) -> Hashable:
        """What of an accelerator weights and cache depend on; here whatever `seen_of` says of all answers."""
        return self.seen_of(accelerator)

    @abstractmethod
    def served(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Served:
        """What the cache holds, whatever the workload asks for.

        Args:
            architecture: The model.
            workload: How it runs; a request has its `seq_length` tokens.
            compute_dtype: Format of the computation.
            room_bytes: What each device has left for the cache beside weights, activations and overhead, the ranks of
                a pipeline stage together; may be negative.
        """

    @abstractmethod
    def launch_command(self, model_id: str, workload: EngineWorkload) -> str | None:
        """The line for a shell that starts the engine with this workload; None: it isn't started by one."""

    def cache_limit_bytes(self) -> int | None:
        """What the cache of one device may take at most, whatever is free; None: what is free."""
        return None

    def startable(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Engine:
        """The engine with settings that it starts with, where it refuses to start with those that it has.

        Args:
            architecture: The model.
            workload: How it runs.
            compute_dtype: Format of the computation.
            room_bytes: What each device has left for the cache, as of `served`.
        """
        del architecture, workload, compute_dtype, room_bytes
        return self

    def smaller_settings(self) -> tuple[dict[str, Any], ...]:
        """Changes of the settings that leave more of a device free; each by itself."""
        return ()

    def placeable_layers(self, architecture: Architecture) -> int | None:
        """The layers that its setting `gpu_layers` counts; None: it has no such setting."""
        del architecture
        return None

    def placeable_experts(self, architecture: Architecture) -> int | None:
        """The layers that its setting `cpu_moe_layers` counts; None: there is no such setting, or no experts."""
        del architecture
        return None

    @property
    def as_loader(self) -> Engine:
        """The engine without those settings that change nothing about how weights are held."""
        return self

    def with_settings(self, **settings: Any) -> Engine:
        """The engine with other settings.

        Raises:
            WorkloadError: It has no such setting, or not this value; `.field` names it.
        """
        return replace(self, **settings)

    def spread(
        self, architecture: Architecture, workload: EngineWorkload, stored: StoredWeights, cache: CacheBytes
    ) -> Spread:
        """Weights and cache on each device, and in the computer's own memory.

        Raises:
            WorkloadError: The model can't be split over that many devices.
        """
        return spread(architecture, workload, stored, cache)

    def weight_precision(self, architecture: Architecture, precision: str) -> WeightPrecision:
        """The formats that `precision` means for this model in this engine.

        `auto` is the config's `dtype` (or `torch_dtype`) and its `quantization_config`. fp32, bf16 and fp16 mean all
        tensors in that format. Other names mean the file's own quantization where it is of that kind, otherwise what
        the engine makes while it loads the model, otherwise a file that was quantized so with the usual settings.
        """
        if precision in COMPUTE_DTYPES:
            return WeightPrecision(precision, None)
        declared = own_precision(architecture)
        if precision == "auto" or (declared.quantized and precision in declared.quantized.precisions):
            return self.loaded(declared)
        made = self.made_on_load(precision)
        if made is not None:
            return WeightPrecision(declared.dtype, made, declared.dtype_notes, is_made_on_load=True)
        from budsim_widgets.formats.named_files import file_format  # noqa: PLC0415 - who names a file loads them

        form, note = file_format(precision)
        return WeightPrecision(declared.dtype, form, (*declared.dtype_notes, note), basis="estimate")

    def loaded(self, declared: WeightPrecision) -> WeightPrecision:
        """What the engine holds of a file that is quantized already: here what the file holds."""
        return declared

    def to_dict(self) -> dict[str, Any]:
        """The engine's name and its settings, as JSON has them."""
        return {"name": self.name, **{field.name: getattr(self, field.name) for field in fields(self)}}

    def tabled_overhead(self, workload: EngineWorkload) -> Estimate:
        """The engine's row of `data/overheads.json`, and what several devices add to talk to each other."""
        return _overhead(self.name, is_parallel=workload.num_devices > 1)


@cache
def _overhead(name: str, *, is_parallel: bool) -> Estimate:
    table = load_table("overheads")
    rows = [table["engines"][name], *([table["parallel"]] if is_parallel else [])]
    return Estimate(*(sum(row[key] for row in rows) for key in ("overhead_bytes", "least_bytes", "most_bytes")))
