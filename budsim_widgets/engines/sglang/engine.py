"""SGLang as an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.engines.answers import CacheBytes, DeviceShare, Estimate, Served, Spread
from budsim_widgets.engines.parallel import check_parallel
from budsim_widgets.engines.prompt_notes import text_prompt_notes
from budsim_widgets.engines.sglang.pools import STATES_PER_REQUEST, token_pools
from budsim_widgets.engines.sglang.reserve import chosen_for, device_mib, reserved_mib, static_fraction
from budsim_widgets.engines.sglang.settings import SGLangSettings, launch_command
from budsim_widgets.engines.vllm.accelerator import compute_capability
from budsim_widgets.engines.vllm.layer_specs import CacheFormat, has_latents
from budsim_widgets.engines.vllm.layers import is_exact
from budsim_widgets.engines.vllm.packing import has_packed_layers
from budsim_widgets.engines.vllm.pool import kv_dtype_of
from budsim_widgets.engines.vllm.versions import NEWEST
from budsim_widgets.engines.vllm.weights import weight_bytes_by_stage
from budsim_widgets.formats.fp8 import ScaledFP8
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.sglang.pools import TokenPools
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.stored import StoredWeights
    from budsim_widgets.hardware import Accelerator

_MIB: Final = 2**20
_MANY_DEVICES: Final = 4
_BLACKWELL: Final = 10
_RESERVE_NOTE: Final = (
    "SGLang keeps a part of each device free by its size, without a trial run (mem_fraction_static): shown as "
    "activations. What weights leave of the rest becomes pools of tokens and states."
)
_POOLS_NOTE: Final = (
    "SGLang divides its memory into pools in fixed ratios; shown is what they must be for these requests."
)
_UNKNOWN_CACHE_NOTE: Final = "How SGLang keeps what this model caches isn't known here; an estimate."
_SPREAD_NOTE: Final = (
    "Split over devices as SGLang splits: matrices, experts, embedding and head over the tensor-parallel ranks, norms, "
    "routers and latents on each; keys and values of fewer heads than ranks are repeated."
)


@dataclass(frozen=True, kw_only=True)
class SGLang(SGLangSettings):
    """SGLang, as `sglang.launch_server` runs a model; rules of 0.5.23. See `SGLangSettings` for its settings.

    Example:
        >>> SGLang(mem_fraction_static=0.8).to_dict()["mem_fraction_static"]
        0.8
    """

    name: ClassVar[str] = "sglang"
    label: ClassVar[str] = "SGLang"
    activations_detail: ClassVar[str] = "kept free by the size of the device"
    overhead_detail: ClassVar[str] = "CUDA context, buffers between devices"
    reserves_cache: ClassVar[bool] = True
    profiles_largest_batch: ClassVar[bool] = True
    weight_precisions: ClassVar[tuple[str, ...]] = (
        *("auto", "fp32", "bf16", "fp16", "fp8"),
        *("gptq-int4", "awq-int4", "nvfp4", "mxfp4"),
    )
    cache_precisions: ClassVar[tuple[str, ...]] = ("auto", "bf16", "fp8")
    smaller_weight_precisions: ClassVar[tuple[str, ...]] = ("fp8", "awq-int4")
    smaller_cache_precisions: ClassVar[tuple[str, ...]] = ("fp8",)

    def made_on_load(self, precision: str) -> QuantizedFormat | None:
        """fp8 with a scale a tensor (`--quantization fp8`)."""
        return ScaledFP8() if precision == "fp8" else None

    def cache(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> CacheBytes:
        """The pools that hold these requests, on all ranks together."""
        kv_bytes, state_bytes = self._held(architecture, workload, compute_dtype)
        count = workload.num_devices
        exact = is_exact(architecture) and not has_packed_layers(architecture)
        notes = (_RESERVE_NOTE, _POOLS_NOTE) if exact else (_RESERVE_NOTE, _POOLS_NOTE, _UNKNOWN_CACHE_NOTE)
        dtype = kv_dtype_of(architecture, workload, compute_dtype)
        return CacheBytes(kv_bytes * count, state_bytes * count, dtype, "exact" if exact else "estimate", notes)

    def activations(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> Estimate:
        """What SGLang keeps free: a share of what is free before the model is loaded."""
        del compute_dtype
        chosen, accelerator = chosen_for(workload.accelerator), workload.accelerator
        many = workload.tensor_parallel >= _MANY_DEVICES
        sequences = chosen.graph_sequences_of_many if many else chosen.graph_sequences
        reserved = reserved_mib(
            accelerator,
            self.chunked_prefill_size or chosen.chunked_prefill_size,
            min(sequences, self.max_running_requests or sequences),
            devices=workload.num_devices,
            stages=workload.pipeline_parallel,
            is_mla=has_latents(architecture),
        )
        notes = text_prompt_notes(architecture)
        if accelerator is None:
            return Estimate(int(reserved * _MIB), int(reserved * _MIB) // 2, int(reserved * _MIB) * 2, notes)
        fraction = self.mem_fraction_static or static_fraction(accelerator, reserved, architecture)
        before = accelerator.usable_bytes - self.overhead(workload).num_bytes
        kept = max(0, int(before * (1 - fraction)))
        error = int(abs(device_mib(accelerator) * _MIB - accelerator.usable_bytes) * (1 - fraction))
        return Estimate(kept, max(0, kept - error), kept + error, notes)

    def overhead(self, workload: EngineWorkload) -> Estimate:
        """The CUDA context, and buffers to talk to other devices: what is gone before the model is loaded."""
        return self.tabled_overhead(workload)

    def budget_bytes(self, accelerator: Accelerator) -> int:
        """All of the device: what is kept free counts as activations."""
        return accelerator.usable_bytes

    def held_by(self, accelerator: Accelerator) -> Hashable:
        """Whether it packs latents."""
        return _packs_latents(accelerator)

    def served(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Served:
        """`max_total_num_tokens` as SGLang's log prints it, and requests of `seq_length` tokens at once."""
        pools = self._pools(architecture, workload, compute_dtype)
        rest = max(0, min(room_bytes))
        if not pools.token_bytes:
            return Served(0, pools.num_states(rest) / STATES_PER_REQUEST if pools.state_bytes else None)
        tokens, length = pools.tokens(rest), workload.seq_length
        requests = tokens / length
        if pools.window:
            held = min(length, pools.window) + pools.page_size
            requests = min(requests, pools.window_tokens(tokens) / held)
        return Served(tokens, min(requests, float(pools.max_requests(rest, length, self.max_running_requests))))

    def spread(
        self, architecture: Architecture, workload: EngineWorkload, stored: StoredWeights, cache: CacheBytes
    ) -> Spread:
        """Weights as they stand in memory after loading, and pools, on each rank.

        Raises:
            WorkloadError: The heads can't be divided by `tensor_parallel`, or there are fewer layers than stages.
        """
        if workload.num_devices > 1:
            check_parallel(architecture, workload)
        declared = self.weight_precision(architecture, workload.precision)
        weights = weight_bytes_by_stage(
            architecture,
            stored,
            ranks=workload.tensor_parallel,
            stages=workload.pipeline_parallel,
            dtype_bytes=DTYPE_BITS[declared.dtype] // 8,
            is_mxfp4=declared.quantized is not None and "mxfp4" in declared.quantized.precisions,
            version=NEWEST,
        )
        count = workload.num_devices
        held = (cache.kv_cache_bytes // count, cache.state_bytes // count)
        ranks = range(workload.tensor_parallel)
        devices = tuple(DeviceShare(weight_bytes, *held) for weight_bytes in weights for _ in ranks)
        return Spread(devices, basis="estimate", notes=(_SPREAD_NOTE,) if count > 1 else ())

    def launch_command(self, model_id: str, workload: EngineWorkload) -> str | None:
        """`sglang.launch_server` with this workload and these settings."""
        return launch_command(self, model_id, workload)

    def _held(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> tuple[int, int]:
        """(keys and values, states) of the pools on a rank that these requests need."""
        pools = self._pools(architecture, workload, compute_dtype)
        return pools.split(pools.rest_bytes(workload.batch_size, workload.seq_length))

    def _pools(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> TokenPools:
        kv_dtype = kv_dtype_of(architecture, workload, compute_dtype)
        form = CacheFormat(
            kv_bytes=DTYPE_BITS[kv_dtype] // 8,
            dtype_bytes=DTYPE_BITS[compute_dtype] // 8,
            ranks=workload.tensor_parallel,
            block_size=1,
            packs_latents=_packs_latents(workload.accelerator),
        )
        return token_pools(architecture, form, workload.pipeline_parallel)


def _packs_latents(accelerator: Accelerator | None) -> bool:
    return compute_capability(accelerator) != _BLACKWELL
