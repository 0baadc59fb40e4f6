"""Bytes of the KV cache and of recurrent states, for an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.base import ceil_div
from budsim_widgets.memory.parallel import cache_share

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.workload import Workload
    from budsim_widgets.formats.base import Basis

BLOCK_TOKENS: Final = 16
"""Tokens of a block in which vLLM allocates keys and values; source: `CacheConfig.block_size` of vLLM."""

_GROUP: Final = 64
_GROUP_SCALES_BYTES: Final = 4

KV_BYTES: Final[dict[str, float]] = {
    "fp32": 4.0,
    "bf16": 2.0,
    "fp16": 2.0,
    "fp8": 1.0,
    "int8": 1.0 + _GROUP_SCALES_BYTES / _GROUP,
    "int4": 0.5 + _GROUP_SCALES_BYTES / _GROUP,
}
"""Bytes of one key or value number.

int8 and int4 carry a 16-bit scale and a 16-bit shift for each 64 numbers (`QuantizedCacheConfig.q_group_size` of
transformers): 0.5 + 4 / 64 = 0.5625 bytes for int4. fp8 has one scale a tensor, which is too small to count.
"""

_PLAIN: Final = frozenset({"fp32", "bf16", "fp16"})

_NOTES: Final[dict[str, str]] = {
    "vllm": "vLLM hands out the KV cache in blocks of 16 tokens, and takes most of the free memory for it in advance; "
    "shown is what these sequences fill.",
    "quantized": "A quantized KV cache is an estimate: transformers keeps the newest tokens unquantized.",
    "fp8": "transformers has no fp8 KV cache of its own; vLLM has.",
}


class Cache(NamedTuple):
    """What the cache takes.

    Attributes:
        kv_cache_bytes: Keys and values.
        state_bytes: Recurrent and convolution states.
        dtype: Format of keys and values.
        basis: Whether the engine holds exactly this.
        notes: What a person should know about the number.
    """

    kv_cache_bytes: int
    state_bytes: int
    dtype: str
    basis: Basis
    notes: tuple[str, ...]


def cache_of(architecture: Architecture, workload: Workload, compute_dtype: str) -> Cache:
    """The cache after `seq_length` tokens of every sequence.

    Args:
        architecture: The model.
        workload: How it runs.
        compute_dtype: Format of the computation, which `auto` means.
    """
    dtype = compute_dtype if workload.kv_cache_precision == "auto" else workload.kv_cache_precision
    size = architecture.cache(
        workload.batch_size,
        held_tokens(workload),
        kv_bytes_per_element=KV_BYTES[dtype],
        state_bytes_per_element=KV_BYTES[compute_dtype],
    )
    notes = _notes(workload.engine, dtype) if size.kv_cache_bytes else ()
    return Cache(*size, dtype, "estimate" if notes else "exact", notes)


def cache_bytes_per_rank(architecture: Architecture, workload: Workload, cache: Cache) -> tuple[int, int]:
    """Bytes of keys and values, and of states, on one of the tensor-parallel devices, of all layers."""
    ranks, tokens = workload.tensor_parallel, held_tokens(workload)
    all_elements = held = 0.0
    for layer, count in architecture.layer_caches:
        elements = count * layer.kv_elements(tokens, tokens)
        all_elements += elements
        held += elements * cache_share(layer, ranks)
    kv_bytes = int(cache.kv_cache_bytes * held / all_elements) if all_elements else 0
    return kv_bytes, ceil_div(cache.state_bytes, ranks)


def held_tokens(workload: Workload) -> int:
    """Tokens that the engine holds for each sequence.

    vLLM's last block is held whole: 2,049 tokens take 129 blocks, 2,064 tokens.
    """
    if workload.engine == "vllm":
        return -(-workload.seq_length // BLOCK_TOKENS) * BLOCK_TOKENS
    return workload.seq_length


def _notes(engine: str, dtype: str) -> tuple[str, ...]:
    if engine == "vllm":
        return (_NOTES["vllm"],)
    if dtype in _PLAIN:
        return ()
    return (_NOTES["fp8"],) if dtype == "fp8" else (_NOTES["quantized"],)
