"""vLLM as an engine."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.engines.answers import CacheBytes, DeviceShare, Estimate, Served, Spread
from budsim_widgets.engines.parallel import check_parallel
from budsim_widgets.engines.prompt_notes import text_prompt_notes
from budsim_widgets.engines.vllm.accelerator import batch_limits, compute_capability
from budsim_widgets.engines.vllm.layers import is_exact
from budsim_widgets.engines.vllm.overhead import has_pcie, overhead_of
from budsim_widgets.engines.vllm.pool import limits_of, pool_of
from budsim_widgets.engines.vllm.profiling import profiled_peak
from budsim_widgets.engines.vllm.settings import VLLMSettings, serve_words
from budsim_widgets.engines.vllm.versions import version_of
from budsim_widgets.engines.vllm.weights import weight_bytes_by_stage
from budsim_widgets.formats.fp8 import ScaledFP8
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.base import Engine
    from budsim_widgets.engines.engine_workload import EngineWorkload
    from budsim_widgets.engines.vllm.pool import Pool
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.stored import StoredWeights
    from budsim_widgets.hardware import Accelerator

_SHARE_NOTE: Final = (
    "vLLM takes {share:.0%} of each device, whatever the model (gpu_memory_utilization): what weights and activations "
    "leave of it becomes the KV cache. The CUDA context, 0.3 to 0.6 GiB, comes on top."
)
_POOL_NOTE: Final = "vLLM takes kv_cache_memory_bytes for the KV cache on each rank, whatever the model."
_BLOCKS_NOTE: Final = "The KV cache is handed out in blocks; shown are those that these requests need."
_UNKNOWN_CACHE_NOTE: Final = "How vLLM keeps what this model caches isn't known here; an estimate."
_SPREAD_NOTE: Final = (
    "Split over devices as vLLM splits: matrices, experts, embedding and head over the tensor-parallel ranks, norms, "
    "routers and latents on each; keys and values of fewer heads than ranks are repeated."
)


@dataclass(frozen=True, kw_only=True)
class VLLM(VLLMSettings):
    """vLLM, as `vllm serve` runs a model; see `VLLMSettings` for its settings.

    Example:
        >>> VLLM(max_num_seqs=256).to_dict()["max_num_seqs"]
        256
    """

    name: ClassVar[str] = "vllm"
    label: ClassVar[str] = "vLLM"
    weight_precisions: ClassVar[tuple[str, ...]] = (
        *("auto", "fp32", "bf16", "fp16", "fp8"),
        *("gptq-int4", "awq-int4", "nvfp4", "mxfp4"),
    )
    cache_precisions: ClassVar[tuple[str, ...]] = ("auto", "bf16", "fp16", "fp8")
    smaller_weight_precisions: ClassVar[tuple[str, ...]] = ("fp8", "awq-int4")
    smaller_cache_precisions: ClassVar[tuple[str, ...]] = ("fp8",)
    activations_detail: ClassVar[str] = "kept free for a full batch, whatever the requests"
    overhead_detail: ClassVar[str] = "libraries, buffers between devices, CUDA graphs"
    reserves_cache: ClassVar[bool] = True
    profiles_largest_batch: ClassVar[bool] = True

    def made_on_load(self, precision: str) -> QuantizedFormat | None:
        """fp8 with a scale a tensor (`--quantization fp8`); int8 and int4 can't be made on load.

        Source: the online quantization page of vLLM's documentation.
        """
        return ScaledFP8() if precision == "fp8" else None

    def cache(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> CacheBytes:
        """The blocks that these requests need, on all ranks together.

        Example:
            2,049 tokens of Llama-3.1-8B take 129 blocks of 2 MiB, and one is never handed out.

            >>> from budsim_widgets.architectures import build
            >>> from budsim_widgets.engines import Workload
            >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
            ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
            ...     "num_key_value_heads": 8})
            >>> VLLM().cache(llama, Workload(seq_length=2049), "bf16").kv_cache_bytes == 130 * 2**21
            True
        """
        pool = pool_of(architecture, workload, self, compute_dtype)
        of_ranks = pool.stage_bytes(self._blocks(pool, workload))
        kv_bytes, state_bytes = (sum(held) * workload.tensor_parallel for held in zip(*of_ranks, strict=True))
        notes = (self._reserve_note(), _BLOCKS_NOTE) if kv_bytes or state_bytes else (self._reserve_note(),)
        exact = is_exact(architecture)
        notes = notes if exact else (*notes, _UNKNOWN_CACHE_NOTE)
        return CacheBytes(kv_bytes, state_bytes, pool.kv_dtype, "exact" if exact else "estimate", notes)

    def activations(self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> Estimate:
        """What the run at the start shows, and vLLM keeps free: whatever the workload asks for."""
        limits = limits_of(workload, self)
        peak = profiled_peak(
            architecture,
            limits,
            ranks=workload.tensor_parallel,
            dtype_bytes=DTYPE_BITS[compute_dtype] // 8,
            version=version_of(self.version),
            eager=self.enforce_eager,
            chunked=limits.max_num_batched_tokens < workload.seq_length,
        )
        return Estimate(peak.num_bytes, *peak.range_bytes, text_prompt_notes(architecture))

    def overhead(self, workload: EngineWorkload) -> Estimate:
        """Libraries, buffers to talk to other devices, and since 0.21 CUDA graphs: what counts in vLLM's share."""
        return overhead_of(self, workload)

    def budget_bytes(self, accelerator: Accelerator) -> int:
        """Its share of the total that CUDA reports; all of it where the size of the cache is given."""
        if self.kv_cache_memory_bytes is not None:
            return accelerator.usable_bytes
        return int(accelerator.usable_bytes * self.gpu_memory_utilization)

    def seen_of(self, accelerator: Accelerator) -> Hashable:
        """How much is computed at once, the compute capability, and whether devices talk over PCIe."""
        version = version_of(self.version)
        limits = tuple(batch_limits(accelerator, version, length) for length in (1, sys.maxsize))
        return limits, compute_capability(accelerator), has_pcie(accelerator)

    def cache_limit_bytes(self) -> int | None:
        """`kv_cache_memory_bytes`."""
        return self.kv_cache_memory_bytes

    def served(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Served:
        """Tokens and requests as vLLM's log prints them, of the pool that fills the room."""
        pool = pool_of(architecture, workload, self, compute_dtype)
        if not pool.plan.groups:
            return Served(0, None)  # nothing is cached: as many as the largest batch has
        return Served(*pool.tokens_and_requests(self._pools(workload, room_bytes)))

    def spread(
        self, architecture: Architecture, workload: EngineWorkload, stored: StoredWeights, cache: CacheBytes
    ) -> Spread:
        """Weights as they stand in memory after loading, and blocks, on each rank.

        Raises:
            WorkloadError: The heads can't be divided by `tensor_parallel`, or there are fewer layers than stages.
        """
        if workload.num_devices > 1:
            check_parallel(architecture, workload)
        ranks, stages = workload.tensor_parallel, workload.pipeline_parallel
        declared = self.weight_precision(architecture, workload.precision)
        weights = weight_bytes_by_stage(
            architecture,
            stored,
            ranks=ranks,
            stages=stages,
            dtype_bytes=DTYPE_BITS[declared.dtype] // 8,
            is_mxfp4=declared.quantized is not None and "mxfp4" in declared.quantized.precisions,
            version=version_of(self.version),
        )
        pool = pool_of(architecture, workload, self, declared.dtype)
        held = pool.stage_bytes(self._blocks(pool, workload))
        del cache  # the same blocks, of all ranks together
        devices = tuple(
            DeviceShare(weight_bytes, *of_stage)
            for weight_bytes, of_stage in zip(weights, held, strict=True)
            for _ in range(ranks)
        )
        notes = (_SPREAD_NOTE,) if workload.num_devices > 1 else ()
        return Spread(devices, basis="estimate", notes=notes)

    def launch_command(self, model_id: str, workload: EngineWorkload) -> str | None:
        """`vllm serve` with this workload and these settings."""
        return shlex.join(["vllm", "serve", model_id, *serve_words(self, workload)])

    def startable(
        self, architecture: Architecture, workload: EngineWorkload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Engine:
        """No more sequences than blocks where a model has states: each takes a page (`resolve_cudagraph_mode`).

        "max_num_seqs (1024) exceeds available Mamba cache blocks (614)", says vLLM otherwise.
        """
        pool = pool_of(architecture, workload, self, compute_dtype)
        if self.enforce_eager or not pool.plan.state_blocks_per_request(pool.limits):
            return self
        num_blocks = pool.plan.num_blocks(self._pools(workload, room_bytes))
        if not 0 < num_blocks < limits_of(workload, self).max_num_seqs:
            return self
        return replace(self, max_num_seqs=num_blocks)

    def _reserve_note(self) -> str:
        return _POOL_NOTE if self.kv_cache_memory_bytes else _SHARE_NOTE.format(share=self.gpu_memory_utilization)

    def _blocks(self, pool: Pool, workload: EngineWorkload) -> int:
        """Blocks that the requests need, or all of the pool where its size is given."""
        needed = pool.num_blocks(workload.batch_size)
        if self.kv_cache_memory_bytes is None:
            return needed
        return max(needed, pool.plan.num_blocks([self.kv_cache_memory_bytes] * workload.pipeline_parallel))

    def _pools(self, workload: EngineWorkload, room_bytes: Sequence[int]) -> list[int]:
        """The pool of a rank of each stage: of the rank that has least room."""
        ranks = workload.tensor_parallel
        if self.kv_cache_memory_bytes is not None:
            return [self.kv_cache_memory_bytes] * workload.pipeline_parallel
        return [min(room_bytes[start : start + ranks]) for start in range(0, len(room_bytes), ranks)]
