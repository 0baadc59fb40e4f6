"""What llama.cpp keeps of its context: keys and values in cells, and recurrent states.

Sources: src/llama-kv-cache.cpp and llama-hparams.cpp of github.com/ggml-org/llama.cpp (0c1e57098). Compared with what
the library itself allocates (b11549): all 176 cases of 8 models are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import (
    AttentionCache,
    CompressedCache,
    IndexCache,
    LatentCache,
    SlidingWindowCache,
    StateCache,
)
from budsim_widgets.architectures.memo import kept_with_architecture, last_kept_with_architecture
from budsim_widgets.engines.llama_cpp.cells import padded
from budsim_widgets.engines.llama_cpp.layer_kinds import heeds_windows, kernel_of, layer_kinds
from budsim_widgets.engines.llama_cpp.sentences import window_notes
from budsim_widgets.formats.gguf.rows import gguf_architecture
from budsim_widgets.formats.gguf.types import tensor_bytes
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.engines.llama_cpp.cells import Context
    from budsim_widgets.formats.base import Basis

_FP32_BYTES: Final = 4


class CacheRules(NamedTuple):
    """How llama.cpp keeps the caches of a model.

    Attributes:
        heeds_windows: Whether layers with a window keep fewer cells.
        kernel: Width of a convolution along the tokens; 1 where there is none.
        keys_only: Whether keys serve as values, too.
        own_streams: Whether each sequence has its own cells, whatever the settings say.
    """

    heeds_windows: bool
    kernel: int
    keys_only: bool = False
    own_streams: bool = False


class HeldBytes(NamedTuple):
    """Bytes that one layer keeps."""

    kv_cache_bytes: int
    state_bytes: int


def held_bytes(kept: tuple[LayerCache, ...], context: Context, rules: CacheRules) -> HeldBytes:
    """What one layer keeps in a context.

    Args:
        kept: The caches of the layer.
        context: The cells.
        rules: How llama.cpp keeps them.
    """
    if rules.own_streams:
        context = replace(context, streams=context.sequences)
    kv_cache_bytes = state_bytes = 0
    for cache in kept:
        if isinstance(cache, StateCache):
            kept_tokens = (rules.kernel - 1, rules.kernel) if rules.kernel > 1 else (1, 1)
            elements = cache.conv_elements * kept_tokens[0] // kept_tokens[1] + cache.recurrent_elements
            state_bytes += context.sequences * elements * _FP32_BYTES
        elif isinstance(cache, IndexCache):
            kv_cache_bytes += _index_bytes(cache, kept, context)
        else:
            kv_cache_bytes += _kv_bytes(cache, context, rules)
        if isinstance(cache, CompressedCache):
            kv_cache_bytes += _entry_bytes(cache, context)
            state_bytes += _waiting_bytes(cache, context)
    return HeldBytes(kv_cache_bytes, state_bytes)


def _kv_bytes(cache: LayerCache, context: Context, rules: CacheRules) -> int:
    cells = context.cells
    if rules.heeds_windows and isinstance(cache, SlidingWindowCache):
        cells = context.cells_in_window(cache.window)
    cells *= context.streams
    if isinstance(cache, LatentCache):
        dims = (cache.kv_lora_rank + cache.rope_head_dim, cache.index_head_dim)
        return sum(tensor_bytes(context.cache_type, cells, dim) for dim in dims)
    if isinstance(cache, AttentionCache):
        heads = cache.num_key_value_heads
        dims = (cache.key_head_dim, 0 if rules.keys_only else cache.value_head_dim)
        return tensor_bytes(context.cache_type, cells, heads * sum(dims))
    return cache.kv_elements(cells, cells) * 2


def _entry_bytes(cache: CompressedCache, context: Context) -> int:
    """The cells of entries that stand for `rate` tokens each."""
    cells = padded(ceil_div(context.cells, cache.rate)) * context.streams
    return sum(tensor_bytes(context.cache_type, cells, dim) for dim in cache.entry_dims)


def _waiting_bytes(cache: CompressedCache, context: Context) -> int:
    """Keys and gates of the tokens that wait to become an entry; of entries that overlap, twice as many and as wide."""
    halves = 2 if cache.overlaps else 1
    elements = sum(2 * (halves * dim) * (halves * cache.rate) for dim in cache.entry_dims)
    return context.streams * elements * _FP32_BYTES


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
    if len(placed) == 1 and placed[0].start == 0 and placed[0].stop > _last_layer(architecture):
        return (total_bytes(architecture, context),)
    kinds, held = layer_kinds(architecture), _held_by_kind(architecture, context)
    return tuple(
        HeldBytes(
            sum(_number(kind.layers, layers) * some.kv_cache_bytes for kind, some in zip(kinds, held, strict=True)),
            sum(_number(kind.layers, layers) * some.state_bytes for kind, some in zip(kinds, held, strict=True)),
        )
        for layers in placed
    )


@kept_with_architecture
def _last_layer(architecture: Architecture) -> int:
    return max((kind.layers[-1] for kind in layer_kinds(architecture)), default=-1)


@kept_with_architecture
def cache_rules(architecture: Architecture) -> CacheRules:
    """How llama.cpp keeps keys and values of this model."""
    row = gguf_architecture(architecture) or {}
    return CacheRules(
        heeds_windows=heeds_windows(architecture),
        kernel=kernel_of(architecture),
        keys_only=bool(row.get("keys_only")),
        own_streams=bool(row.get("own_streams")),
    )


@last_kept_with_architecture
def _held_by_kind(architecture: Architecture, context: Context) -> tuple[HeldBytes, ...]:
    """What a layer of each kind keeps."""
    rules = cache_rules(architecture)
    return tuple(held_bytes(kind.kept, context, rules) for kind in layer_kinds(architecture))


def _number(layers: tuple[int, ...], inside: range) -> int:
    return bisect_left(layers, inside.stop) - bisect_left(layers, inside.start)


@last_kept_with_architecture
def total_bytes(architecture: Architecture, context: Context) -> HeldBytes:
    """What all layers keep."""
    kinds, held = layer_kinds(architecture), _held_by_kind(architecture, context)
    kv_bytes = state_bytes = 0
    for kind, some in zip(kinds, held, strict=True):
        count = len(kind.layers)
        kv_bytes += count * some.kv_cache_bytes
        state_bytes += count * some.state_bytes
    return HeldBytes(kv_bytes, state_bytes)


@kept_with_architecture
def cache_claim(architecture: Architecture) -> tuple[Basis, tuple[str, ...]]:
    """Whether the cache is known, and what a person should know about it."""
    row = gguf_architecture(architecture) or {}
    claim = row.get("cache_basis", row.get("basis", "exact"))
    is_known = claim == "exact" and architecture.kind != "encoder-decoder"
    notes = () if cache_rules(architecture).heeds_windows else window_notes(architecture)
    return ("exact" if is_known else "estimate"), notes
