"""Settings of vLLM, checked; and the line for a shell that starts it with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.engines.base import Engine
from budsim_widgets.engines.vllm.versions import version_of
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.engines.engine_workload import EngineWorkload

_MOST: Final = 2**50
_BLOCK_STEP: Final = 16
_LARGEST_BLOCK: Final = 65_536
_FEWER_SEQUENCES: Final = 64
_LARGER_SHARE: Final = 0.95
_FLAGS: Final = ("enforce_eager", "prefix_caching")
_EXAMPLES: Final = {
    "max_num_seqs": 256,
    "max_num_batched_tokens": 8192,
    "block_size": 16,
    "kv_cache_memory_bytes": 8 * 2**30,
}


@dataclass(frozen=True, kw_only=True)
class VLLMSettings(Engine):
    """What `vllm serve` is started with; None: what it chooses itself.

    Attributes:
        gpu_memory_utilization: The share of a device's total that vLLM takes, above 0 and up to 1.
        max_num_seqs: Sequences that are computed at once.
        max_num_batched_tokens: Tokens that are computed at once.
        enforce_eager: Whether no CUDA graphs are made.
        prefix_caching: Whether the blocks of a prompt are kept for the next one that starts alike.
        block_size: Tokens of a block.
        kv_cache_memory_bytes: Bytes of the KV cache on each rank, whatever `gpu_memory_utilization` says.
        version: The version of vLLM, such as `0.33`.

    Raises:
        WorkloadError: A setting is out of range; `.field` is its name.
    """

    gpu_memory_utilization: float = 0.92
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    enforce_eager: bool = False
    prefix_caching: bool = True
    block_size: int | None = None
    kv_cache_memory_bytes: int | None = None
    version: str = "0.33"

    def __post_init__(self) -> None:
        _check_share("gpu_memory_utilization", self.gpu_memory_utilization)
        for field, example in _EXAMPLES.items():
            _check_count(field, getattr(self, field), example)
        for field in _FLAGS:
            _check_flag(field, getattr(self, field))
        if self.block_size is not None and (self.block_size % _BLOCK_STEP or self.block_size > _LARGEST_BLOCK):
            raise WorkloadError(
                f"block_size must be a multiple of 16 up to {_LARGEST_BLOCK:,}, not {self.block_size}.",
                field="block_size",
                next_step="Give block_size=16, as vLLM does.",
            )
        version_of(self.version)

    def smaller_settings(self) -> tuple[dict[str, Any], ...]:
        """Fewer sequences at once, a larger share of the device, no CUDA graphs."""
        changes: list[dict[str, Any]] = []
        if self.max_num_seqs is None or self.max_num_seqs > _FEWER_SEQUENCES:
            changes.append({"max_num_seqs": _FEWER_SEQUENCES})
        if self.gpu_memory_utilization < _LARGER_SHARE and self.kv_cache_memory_bytes is None:
            changes.append({"gpu_memory_utilization": _LARGER_SHARE})
        if not self.enforce_eager:
            changes.append({"enforce_eager": True})
        return tuple(changes)


def _check_share(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise WorkloadError(
            f"{field} must be above 0 and at most 1, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field}=0.92, as vLLM does.",
        )


def _check_count(field: str, value: object, example: int) -> None:
    if value is not None and (type(value) is not int or not 0 < value <= _MOST):
        raise WorkloadError(
            f"{field} must be a whole number from 1, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}={example}, or None for vLLM's own choice.",
        )


def _check_flag(field: str, value: object) -> None:
    if type(value) is not bool:
        raise WorkloadError(
            f"{field} must be true or false, not {quoted(value, 80)}.",
            field=field,
            next_step=f"Give {field} as in {field}=True.",
        )


def serve_words(settings: VLLMSettings, workload: EngineWorkload) -> list[str]:
    """The options of `vllm serve` that differ from what it would choose."""
    words = ["--max-model-len", str(workload.seq_length)]
    counts = {
        "--tensor-parallel-size": workload.tensor_parallel if workload.tensor_parallel > 1 else None,
        "--pipeline-parallel-size": workload.pipeline_parallel if workload.pipeline_parallel > 1 else None,
        "--max-num-seqs": settings.max_num_seqs,
        "--max-num-batched-tokens": settings.max_num_batched_tokens,
        "--block-size": settings.block_size,
        "--kv-cache-memory-bytes": settings.kv_cache_memory_bytes,
    }
    for option, value in counts.items():
        words += [option, str(value)] if value is not None else []
    default = type(settings).__dataclass_fields__["gpu_memory_utilization"].default
    if settings.gpu_memory_utilization != default:
        words += ["--gpu-memory-utilization", str(settings.gpu_memory_utilization)]
    words += ["--enforce-eager"] if settings.enforce_eager else []
    words += [] if settings.prefix_caching else ["--no-enable-prefix-caching"]
    return words + _precision_words(workload)


def _precision_words(workload: EngineWorkload) -> list[str]:
    words = []
    dtypes = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
    if workload.precision in dtypes:
        words += ["--dtype", dtypes[workload.precision]]
    elif workload.precision == "fp8":
        words += ["--quantization", "fp8"]
    cache = workload.kv_cache_precision
    if cache != "auto":
        words += ["--kv-cache-dtype", {"bf16": "bfloat16", "fp16": "float16"}.get(cache, cache)]
    return words
