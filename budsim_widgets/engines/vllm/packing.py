"""Layers with pages of several sizes, packed side by side in one block: DeepSeek-V4.

As `_get_packed_kv_cache_groups` in `vllm/v1/core/kv_cache_planning.py` (0.33).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import CompressedCache, SlidingWindowCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.engines.vllm.grouping import CachedLayer, CacheGroup
from budsim_widgets.engines.vllm.specs import CompressedSpec
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.engines.vllm.grouping import Groups

_BLOCK_SIZE: Final = 256
_WINDOW_BLOCK_SIZE: Final = 64
_STATE_BLOCK_SIZES: Final = {True: 4, False: 8}
_FP32_BYTES: Final = 4
_ROTARY_DIMS: Final = 64
_SCALED_DIMS: Final = 64
_INDEX_SCALE_BYTES: Final = 4


class _Bucket(NamedTuple):
    """Layers that need as many blocks each.

    Attributes:
        layers: In their order.
        by_page: The same by bytes of their pages.
    """

    layers: list[CachedLayer]
    by_page: dict[int, list[CachedLayer]]

    @property
    def repeats(self) -> int:
        """How often a pattern of one layer of each page size repeats."""
        return Counter(layer.spec.page_size_bytes for layer in self.layers).most_common(1)[0][1]

    @property
    def is_balanced(self) -> bool:
        """Whether there are as many layers of each page size."""
        return len({len(layers) for layers in self.by_page.values()}) == 1


def is_packed(caches: Iterable[LayerCache]) -> bool:
    """Whether a model's layers are packed."""
    return any(isinstance(cache, CompressedCache) for cache in caches)


@kept_with_architecture
def has_packed_layers(architecture: Architecture) -> bool:
    """The same of a whole model, looked at once."""
    return is_packed(cache for cache, _ in architecture.layer_caches)


def packed_specs(cache: SlidingWindowCache) -> Iterator[CompressedSpec]:
    """What one layer keeps: a window, compressed entries, and what waits to become one; of an indexer too.

    An entry has fp8 numbers, rotary ones in bf16, and a scale for each 64 of the others, eight bytes: 584 of 512
    numbers. An indexer's has a scale in fp32: 132 of 128. What waits is two rows in fp32, twice as wide where entries
    overlap.
    """
    row = _row_bytes(cache.key_head_dim)
    yield CompressedSpec(block_size=_WINDOW_BLOCK_SIZE, row_bytes=row, sliding_window=cache.window)
    if not isinstance(cache, CompressedCache):
        return
    for place, dims in enumerate(cache.entry_dims):
        entry = row if place == 0 else dims + _INDEX_SCALE_BYTES
        yield CompressedSpec(block_size=_BLOCK_SIZE, row_bytes=entry, tokens_per_row=cache.rate)
        copies = 2 if cache.overlaps else 1
        yield CompressedSpec(
            block_size=_STATE_BLOCK_SIZES[cache.overlaps],
            row_bytes=2 * copies * dims * _FP32_BYTES,
            sliding_window=copies * cache.rate,
        )


def packed_groups(layers: Sequence[CachedLayer]) -> Groups:
    """The groups of layers with pages of several sizes.

    Layers of several page sizes that come in equal numbers stay together and say how many layers a group has; those
    of one size are divided into groups of about as many.
    """
    buckets = _buckets(layers)
    patterns = [bucket.repeats for bucket in buckets if bucket.is_balanced and len(bucket.by_page) > 1]
    size = (
        _least_padded([bucket.repeats for bucket in buckets if bucket.is_balanced], max(patterns)) if patterns else None
    )
    return tuple(
        group
        for bucket in buckets
        for group in _divided(bucket, ceil_div(bucket.repeats, size) if size and bucket.is_balanced else 1)
    )


def _buckets(layers: Sequence[CachedLayer]) -> list[_Bucket]:
    found: dict[tuple[int, int], _Bucket] = {}
    for layer in layers:
        window = layer.spec.sliding_window if isinstance(layer.spec, CompressedSpec) else 0
        bucket = found.setdefault((layer.spec.block_size, window), _Bucket([], {}))
        bucket.layers.append(layer)
        bucket.by_page.setdefault(layer.spec.page_size_bytes, []).append(layer)
    return list(found.values())


def _divided(bucket: _Bucket, count: int) -> Iterator[CacheGroup]:
    if count == 1:
        yield CacheGroup(tuple(bucket.layers))
        return
    patterns = list(zip(*bucket.by_page.values(), strict=True))
    for start in range(count):
        yield CacheGroup(tuple(layer for pattern in patterns[start::count] for layer in pattern))


def _least_padded(counts: Sequence[int], least: int) -> int:
    """The size from `least` on to whose multiples the counts are padded least; of several the largest.

    Example:
        >>> _least_padded([43, 20, 23], 20)
        23
    """
    sizes = range(least, max(counts) + 1)
    return min(sizes, key=lambda size: (sum(-count % size for count in counts), -size), default=least)


def _row_bytes(head_dim: int) -> int:
    plain = head_dim - _ROTARY_DIMS
    return plain + 2 * _ROTARY_DIMS + plain // _SCALED_DIMS + 1
