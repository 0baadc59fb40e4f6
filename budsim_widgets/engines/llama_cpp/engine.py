"""llama.cpp as llama-server runs a GGUF file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from budsim_widgets.architectures.memo import last_kept_with_architecture
from budsim_widgets.engines.answers import CacheBytes, DeviceShare, Estimate, Served, Spread
from budsim_widgets.engines.llama_cpp import ollama
from budsim_widgets.engines.llama_cpp.backends import backend_of, backend_overhead
from budsim_widgets.engines.llama_cpp.cells import context_of, padded
from budsim_widgets.engines.llama_cpp.command_line import launch_command
from budsim_widgets.engines.llama_cpp.compute import compute_buffer, shape_of
from budsim_widgets.engines.llama_cpp.context import HeldBytes, cache_claim, held_on, total_bytes
from budsim_widgets.engines.llama_cpp.file_choice import file_for
from budsim_widgets.engines.llama_cpp.model_checks import check_cache_type, layers_on_devices
from budsim_widgets.engines.llama_cpp.placement import layer_weights, placed_weights
from budsim_widgets.engines.llama_cpp.projector import projector_of, with_projector
from budsim_widgets.engines.llama_cpp.sentences import host_note
from budsim_widgets.engines.llama_cpp.settings import CACHE_TYPES, LlamaCppSettings
from budsim_widgets.engines.serving import requests_in_room
from budsim_widgets.formats.gguf.file_types import FILE_TYPES

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.base import Engine
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.llama_cpp.cells import Context
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.precision import WeightPrecision
    from budsim_widgets.formats.stored import StoredWeights
    from budsim_widgets.hardware import Accelerator


@dataclass(frozen=True, kw_only=True)
class LlamaCpp(LlamaCppSettings):
    """llama.cpp, as `llama-server` runs a GGUF file of the model; see `LlamaCppSettings` for its settings.

    The context is `batch_size` sequences of `seq_length` tokens. Devices (`tensor_parallel` and `pipeline_parallel`)
    take whole layers, in order.

    Example:
        >>> LlamaCpp(gpu_layers=20).to_dict()["gpu_layers"]
        20
    """

    name: ClassVar[str] = "llama.cpp"
    label: ClassVar[str] = "llama.cpp"
    weight_precisions: ClassVar[tuple[str, ...]] = (
        *("auto", "fp32", "bf16", "fp16"),
        *(name for name in FILE_TYPES if name not in {"F32", "F16", "BF16"}),
    )
    cache_precisions: ClassVar[tuple[str, ...]] = tuple(CACHE_TYPES)
    smaller_weight_precisions: ClassVar[tuple[str, ...]] = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M")
    smaller_cache_precisions: ClassVar[tuple[str, ...]] = ("q8_0", "q4_0")
    overhead_detail: ClassVar[str] = "the driver's context and its pools"
    dividing_parameters: ClassVar[tuple[str, ...]] = ("tensor_parallel",)

    @classmethod
    def ollama_defaults(cls, accelerator: Accelerator | str | None = None) -> dict[str, Any]:
        """The workload that Ollama runs unless it is told otherwise, as `calculate` and `fit` take it.

        Args:
            accelerator: What it runs on; its memory decides about the context (`OLLAMA_CONTEXT_LENGTH`).

        Example:
            >>> LlamaCpp.ollama_defaults("RTX 3060 12GB")["seq_length"]
            4096
        """
        return {
            "engine": cls(**ollama.SETTINGS),
            "precision": ollama.FILE_TYPE,
            "batch_size": 1,
            "seq_length": ollama.default_context(accelerator),
        }

    def weight_precision(self, architecture: Architecture, precision: str) -> WeightPrecision:
        """A GGUF file of this type; errors as of `file_for`."""
        return file_for(architecture, precision)

    @property
    def as_loader(self) -> Engine:
        """The engine with its usual settings: none of them changes a file."""
        return _USUAL

    def made_on_load(self, precision: str) -> QuantizedFormat | None:
        """None: files are quantized before."""
        del precision
        return None

    def cache(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> CacheBytes:
        """The cells of the context, in multiples of 256, and recurrent states in fp32 for each sequence.

        Raises:
            WorkloadError: The format of keys and values asks for flash attention, or for other heads.
        """
        del compute_dtype
        context = self._context(workload)
        check_cache_type(self, architecture, workload, context.cache_type)
        held = total_bytes(architecture, context)
        basis, notes = cache_claim(architecture)
        return CacheBytes(held.kv_cache_bytes, held.state_bytes, context.cache_type.lower(), basis, notes)

    def activations(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> Estimate:
        """The compute buffer of each device, as a range over builds and backends."""
        del compute_dtype
        weights = layer_weights(architecture, self._file_type(architecture, workload))
        placed = layers_on_devices(self, weights)
        has_host_layers = placed < weights.units or self.cpu_moe_layers > 0
        buffer = compute_buffer(
            shape_of(architecture),
            self._context(workload),
            flash_attention=self.flash_attention,
            num_devices=workload.num_devices,
            host_tensor_bytes=weights.largest_bytes if has_host_layers and placed else 0,
        )
        return Estimate(*buffer) if self.mmproj is None else with_projector(buffer, architecture, self.mmproj)

    def overhead(self, workload: EngineWorkload) -> Estimate:
        """The context of CUDA, ROCm, Metal or Vulkan and its pools, which llama.cpp doesn't print."""
        return backend_overhead(backend_of(workload.accelerator))

    def spread(
        self, architecture: Architecture, workload: EngineWorkload, stored: StoredWeights, cache: CacheBytes
    ) -> Spread:
        """Whole layers on the devices, in order; what isn't offloaded stays in RAM, the embedding always.

        Raises:
            WorkloadError: There are fewer layers than `gpu_layers` or `cpu_moe_layers` ask for.
        """
        del stored, cache
        weights = layer_weights(architecture, self._file_type(architecture, workload))
        layers = layers_on_devices(self, weights)
        units, placed = placed_weights(
            architecture, self._file_type(architecture, workload), layers, self.cpu_moe_layers, workload.num_devices
        )
        context = self._context(workload)
        everything = total_bytes(architecture, context)
        nowhere = (HeldBytes(0, 0),) * workload.num_devices
        held = held_on(architecture, context, units) if self.offload_kv else nowhere
        projector = None if self.mmproj is None else projector_of(architecture, self.mmproj)
        shares = tuple([DeviceShare(weight, *kept) for weight, kept in zip(placed.devices, held, strict=True)])
        if projector is not None:
            shares = (shares[0]._replace(weight_bytes=shares[0].weight_bytes + projector.num_bytes), *shares[1:])
        on_devices = sum([kept.kv_cache_bytes + kept.state_bytes for kept in held])
        host_bytes = placed.host_bytes + everything.kv_cache_bytes + everything.state_bytes - on_devices
        notes = (host_note(host_bytes, is_all=layers == weights.units),)
        return Spread(shares, host_bytes, notes=notes, projector=projector)

    def budget_bytes(self, accelerator: Accelerator) -> int:
        """All that a process gets."""
        return accelerator.usable_bytes

    def seen_of(self, accelerator: Accelerator) -> Hashable:
        """What it computes with there."""
        return backend_of(accelerator)

    def served(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Served:
        """The cells that fit in one context, whole multiples of 256, which its sequences share."""
        requests = requests_in_room(self, architecture, workload, compute_dtype, room_bytes)
        if requests is None:
            return Served(0, None)
        cells = int(requests * padded(workload.seq_length)) // padded(1) * padded(1)
        return Served(cells, cells / workload.seq_length)

    def placeable_layers(self, architecture: Architecture) -> int | None:
        """The layers of the file, and the output as one more."""
        return layer_weights(architecture, "F16").units

    def placeable_experts(self, architecture: Architecture) -> int | None:
        """Layers up to the last with routed experts; None where there are none."""
        return layer_weights(architecture, "F16").expert_layers or None

    def launch_command(self, model_id: str, workload: EngineWorkload) -> str | None:
        """`llama-server` with this workload.

        A repository that says that it holds GGUF files is named with the type of its file; of any other the file is
        one's own, and is named as llama.cpp's converter names it.
        """
        return launch_command(self, model_id, workload)

    def _context(self, workload: EngineWorkload) -> Context:
        return context_of(
            workload.batch_size,
            workload.seq_length,
            self.ubatch_size,
            unified=self.kv_unified or workload.batch_size == 1,
            swa_full=self.swa_full,
            cache_type=CACHE_TYPES[workload.kv_cache_precision],
        )

    def _file_type(self, architecture: Architecture, workload: EngineWorkload) -> str:
        return _file_type(architecture, workload.precision)


@last_kept_with_architecture
def _file_type(architecture: Architecture, precision: str) -> str:
    return file_for(architecture, precision).gguf_type or "BF16"


_USUAL: Final = LlamaCpp()
