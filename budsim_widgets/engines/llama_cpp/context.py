"""What llama.cpp keeps of its context: keys and values in cells, and recurrent states.

Sources: src/llama-kv-cache.cpp and llama-hparams.cpp of github.com/ggml-org/llama.cpp (0c1e57098). Compared with what
the library itself allocates (b11549): all 176 cases of 8 models are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import (
    AttentionCache,
    IndexCache,
    LatentCache,
    SlidingWindowCache,
    StateCache,
)
from budsim_widgets.architectures.memo import last_kept_with_architecture
from budsim_widgets.engines.llama_cpp.layer_kinds import heeds_windows, kernel_of, layer_kinds
from budsim_widgets.formats.gguf.types import tensor_bytes

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.engines.llama_cpp.cells import Context

_FP32_BYTES: Final = 4


class HeldBytes(NamedTuple):
    """Bytes that one layer keeps."""

    kv_cache_bytes: int
    state_bytes: int


def held_bytes(kept: tuple[LayerCache, ...], context: Context, *, heeds_windows: bool, kernel: int) -> HeldBytes:
    """What one layer keeps in a context.

    Args:
        kept: The caches of the layer.
        context: The cells.
        heeds_windows: Whether llama.cpp heeds the windows of the model's layers.
        kernel: Width of a convolution along the tokens.
    """
    kv_cache_bytes = state_bytes = 0
    for cache in kept:
        if isinstance(cache, StateCache):
            kept_tokens = (kernel - 1, kernel) if kernel > 1 else (1, 1)
            elements = cache.conv_elements * kept_tokens[0] // kept_tokens[1] + cache.recurrent_elements
            state_bytes += context.sequences * elements * _FP32_BYTES
        elif isinstance(cache, IndexCache):
            kv_cache_bytes += _index_bytes(cache, kept, context)
        else:
            kv_cache_bytes += _kv_bytes(cache, context, heeds_windows=heeds_windows)
    return HeldBytes(kv_cache_bytes, state_bytes)


def _kv_bytes(cache: LayerCache, context: Context, *, heeds_windows: bool) -> int:
    cells = context.cells
    if heeds_windows and isinstance(cache, SlidingWindowCache):
        cells = context.cells_in_window(cache.window)
    cells *= context.streams
    if isinstance(cache, LatentCache):
        dims = (cache.kv_lora_rank + cache.rope_head_dim, cache.index_head_dim)
        return sum(tensor_bytes(context.cache_type, cells, dim) for dim in dims)
    if isinstance(cache, AttentionCache):
        heads = cache.num_key_value_heads
        dims = (cache.key_head_dim, cache.value_head_dim)
        return sum(tensor_bytes(context.cache_type, cells, heads * dim) for dim in dims)
    return cache.kv_elements(cells, cells) * 2


def _index_bytes(cache: IndexCache, kept: tuple[LayerCache, ...], context: Context) -> int:
    """An indexer's keys, a cache of their own with one head; beside keys and values it has values as well."""
    beside = next((other for other in kept if isinstance(other, AttentionCache)), None)
    dims = (cache.index_head_dim, beside.value_head_dim if beside else 0)
    cells = context.cells * context.streams
    return sum(tensor_bytes(context.cache_type, cells, dim) for dim in dims)


def held_on(architecture: Architecture, context: Context, placed: tuple[range, ...]) -> tuple[HeldBytes, ...]:
    """What the layers keep on each device.

    Args:
        architecture: The model.
        context: The cells.
        placed: The layers of each device.
    """
    kinds, held = layer_kinds(architecture), _held_by_kind(architecture, context)
    return tuple(
        HeldBytes(
            sum(_number(kind.layers, layers) * some.kv_cache_bytes for kind, some in zip(kinds, held, strict=True)),
            sum(_number(kind.layers, layers) * some.state_bytes for kind, some in zip(kinds, held, strict=True)),
        )
        for layers in placed
    )


@last_kept_with_architecture
def _held_by_kind(architecture: Architecture, context: Context) -> tuple[HeldBytes, ...]:
    """What a layer of each kind keeps."""
    kernel, heeds = kernel_of(architecture), heeds_windows(architecture)
    return tuple(
        held_bytes(kind.kept, context, heeds_windows=heeds, kernel=kernel) for kind in layer_kinds(architecture)
    )


def _number(layers: tuple[int, ...], inside: range) -> int:
    return bisect_left(layers, inside.stop) - bisect_left(layers, inside.start)


def total_bytes(architecture: Architecture, context: Context) -> HeldBytes:
    """What all layers keep."""
    kinds, held = layer_kinds(architecture), _held_by_kind(architecture, context)
    kv_bytes = state_bytes = 0
    for kind, some in zip(kinds, held, strict=True):
        count = len(kind.layers)
        kv_bytes += count * some.kv_cache_bytes
        state_bytes += count * some.state_bytes
    return HeldBytes(kv_bytes, state_bytes)
