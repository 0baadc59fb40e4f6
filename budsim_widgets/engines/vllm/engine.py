"""vLLM as an engine."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.engines.base import CacheBytes, Engine, Estimate, Served
from budsim_widgets.engines.layer_widths import layer_widths
from budsim_widgets.engines.peak import FP32_BYTES, activation_notes, layer_peak
from budsim_widgets.engines.serving import requests_in_room
from budsim_widgets.formats.base import ceil_div
from budsim_widgets.formats.fp8 import ScaledFP8
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.workload import Workload
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.hardware import Accelerator

BLOCK_TOKENS: Final = 16
"""Tokens of a block in which vLLM allocates keys and values; source: `CacheConfig.block_size` of vLLM."""

_GPU_MEMORY_UTILIZATION: Final = 0.92
_CHUNK_TOKENS: Final = 8192
_SEQUENCES: Final = 256
_KV_BYTES: Final = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0}
_CACHE_NOTE: Final = (
    "vLLM hands out the KV cache in blocks of 16 tokens, and takes most of the free memory for it in advance; shown is "
    "what these sequences fill."
)


@dataclass(frozen=True, kw_only=True)
class VLLM(Engine):
    """vLLM, as `vllm serve` runs a model.

    Example:
        >>> VLLM().to_dict()
        {'name': 'vllm'}
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
    reserves_cache: ClassVar[bool] = True

    def made_on_load(self, precision: str) -> QuantizedFormat | None:
        """fp8 with a scale a tensor (`--quantization fp8`); int8 and int4 can't be made on load.

        Source: the online quantization page of vLLM's documentation.
        """
        return ScaledFP8() if precision == "fp8" else None

    def cache(self, architecture: Architecture, workload: Workload, compute_dtype: str) -> CacheBytes:
        """What the blocks of these sequences take; the last block of each is held whole.

        2,049 tokens take 129 blocks, 2,064 tokens.
        """
        dtype = compute_dtype if workload.kv_cache_precision == "auto" else workload.kv_cache_precision
        size = architecture.cache(
            workload.batch_size,
            ceil_div(workload.seq_length, BLOCK_TOKENS) * BLOCK_TOKENS,
            kv_bytes_per_element=_KV_BYTES[dtype],
            state_bytes_per_element=_KV_BYTES[compute_dtype],
        )
        return CacheBytes(*size, dtype, "estimate", (_CACHE_NOTE,) if size.kv_cache_bytes else ())

    def activations(self, architecture: Architecture, workload: Workload, compute_dtype: str) -> Estimate:
        """What vLLM reserves for a chunk of 8,192 tokens and the scores of 256 sequences, whatever the workload.

        Compared with the log of one run only (Llama-3.1-8B on an H100: 1.21 GiB, as estimated).
        """
        widths, width_bytes = layer_widths(architecture), DTYPE_BITS[compute_dtype] // 8
        layer = layer_peak(widths.on_fused_kernels, 1, _CHUNK_TOKENS, workload.tensor_parallel) * width_bytes
        peak = int(layer + _SEQUENCES * widths.vocabulary * (width_bytes + 2 * FP32_BYTES))
        return Estimate(peak, peak // 2, peak * 2, activation_notes(architecture, widths))

    def budget_bytes(self, accelerator: Accelerator) -> int:
        """Its share of the total that CUDA reports, whatever the model; source: `gpu_memory_utilization` of vLLM."""
        return int(accelerator.usable_bytes * _GPU_MEMORY_UTILIZATION)

    def served(
        self, architecture: Architecture, workload: Workload, compute_dtype: str, room_bytes: Sequence[int]
    ) -> Served:
        """Requests share one pool of blocks."""
        requests = requests_in_room(architecture, workload, compute_dtype, room_bytes) or 0.0
        return Served(int(requests * workload.seq_length), requests)

    def launch_command(self, model_id: str, workload: Workload) -> str | None:
        """`vllm serve` with this workload."""
        words = ["vllm", "serve", model_id, "--max-model-len", str(workload.seq_length)]
        if workload.tensor_parallel > 1:
            words += ["--tensor-parallel-size", str(workload.tensor_parallel)]
        if workload.pipeline_parallel > 1:
            words += ["--pipeline-parallel-size", str(workload.pipeline_parallel)]
        return shlex.join(words)

    def overhead(self, workload: Workload) -> Estimate:
        """The CUDA context, libraries and CUDA graphs."""
        return self.tabled_overhead(workload)
