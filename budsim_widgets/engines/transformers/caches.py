"""Keys and values as transformers holds them: the bytes of an element, and what stands before a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.engines.stages import on_stage, stack_lengths
from budsim_widgets.formats.precision import COMPUTE_DTYPES
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Layer
    from budsim_widgets.engines.engine_workload import EngineWorkload

_LONG: Final = 2**40
"""Tokens: more than any window."""

_GROUP: Final = 64
_GROUP_SCALES_BYTES: Final = 4

KV_BYTES: Final[dict[str, float]] = {
    "fp32": 4.0,
    "bf16": 2.0,
    "fp16": 2.0,
    "int8": 1.0 + _GROUP_SCALES_BYTES / _GROUP,
    "int4": 0.5 + _GROUP_SCALES_BYTES / _GROUP,
}
"""Bytes of one element of keys or values.

int8 and int4 carry a 16-bit scale and a 16-bit shift for each 64 elements (`QuantizedCacheConfig.q_group_size` of
transformers): 0.5 + 4 / 64 = 0.5625 bytes for int4.
"""


def bytes_before_windows(architecture: Architecture, workload: EngineWorkload, compute_dtype: str) -> int:
    """Keys and values before the windows of a prompt's end, which the cache no longer counts, on the device with most.

    Measured with transformers 5.24: the storages of the cache after a prompt longer than the window, of 113 small
    models of 67 types, are to the byte what the cache counts and this.
    """
    windowed, length = _windowed(architecture, workload.pipeline_parallel), workload.seq_length
    dtype = compute_dtype if workload.kv_cache_precision == "auto" else workload.kv_cache_precision
    if not windowed or dtype not in COMPUTE_DTYPES:
        return 0
    elements = max(sum(count * each.passed_kv_elements(length) for each, count in stage) for stage in windowed)
    return ceil_div(elements * workload.batch_size * int(KV_BYTES[dtype]), workload.tensor_parallel)


@kept_with_architecture
def _windowed(architecture: Architecture, stages: int) -> tuple[tuple[tuple[LayerCache, int], ...], ...]:
    """(what a layer keeps, number of such layers), of those that don't keep every token; for each stage with some."""
    layers = architecture.layers
    lengths = stack_lengths([*layers, *architecture.uncached_layers])
    on_stages = [on_stage(layers, lengths, stage, stages) for stage in range(stages)]
    windowed = [tuple([pair for layer in kinds for pair in _windowed_of(layer)]) for kinds in on_stages]
    return tuple(filter(None, windowed))


def _windowed_of(layer: Layer) -> list[tuple[LayerCache, int]]:
    number = len(layer.indexes)
    return [(cache, number * count) for cache, count in layer.caches if number and cache.passed_kv_elements(_LONG) > 0]
