"""Which layers share a table of blocks: all groups draw from one pool, so their blocks take as many bytes.

As `get_kv_cache_groups` in `vllm/v1/core/kv_cache_planning.py` (0.33) does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from budsim_widgets.engines.vllm.specs import (
    AttentionSpec,
    ChunkedLocalAttentionSpec,
    FullAttentionSpec,
    MambaSpec,
    MLAAttentionSpec,
    SlidingWindowSpec,
)
from budsim_widgets.formats.stored_tensor import ceil_div

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.engines.vllm.specs import KVCacheSpec


class CachedLayer(NamedTuple):
    """A layer that keeps something.

    Attributes:
        place: Where it stands in the model.
        spec: What it keeps.
    """

    place: int
    spec: KVCacheSpec


class CacheGroup(NamedTuple):
    """Layers that share a table of blocks."""

    layers: tuple[CachedLayer, ...]

    @property
    def block_size(self) -> int:
        """Tokens of a block."""
        return self.layers[0].spec.block_size

    def block_bytes(self, first: int = 0, last: int | None = None) -> int:
        """Bytes of a block: the pages of all layers, or of those from `first` to before `last`."""
        return sum(
            layer.spec.page_size_bytes
            for layer in self.layers
            if first <= layer.place and (last is None or layer.place < last)
        )


Groups: TypeAlias = "tuple[CacheGroup, ...]"


def cache_groups(layers: Sequence[CachedLayer]) -> Groups:
    """The groups of a model's layers.

    Layers of one type stand in one group, whatever their widths. Otherwise every kind is divided into groups of as
    many layers: of the kind that has fewest, or of the one that has most where that is less than half more.

    Example:
        Gemma-3-27B has 10 full layers and 52 with a window: 7 groups of up to 10.

        >>> widths = {"block_size": 16, "num_kv_heads": 16, "head_size": 128, "head_size_v": 128, "element_bytes": 2}
        >>> full, window = FullAttentionSpec(**widths), SlidingWindowSpec(**widths, sliding_window=1024)
        >>> layers = [CachedLayer(place, window if (place + 1) % 6 else full) for place in range(62)]
        >>> groups = cache_groups(layers)
        >>> len(groups), max(group.block_bytes() for group in groups)
        (7, 1310720)
    """
    if not layers:
        return ()
    if are_of_one_type([layer.spec for layer in layers]):
        return (CacheGroup(tuple(layers)),)
    unified = with_one_page_size(layers)
    if unified is None:
        return (CacheGroup(tuple(_with_windows_as_full(layers))),)
    kinds: dict[KVCacheSpec, list[CachedLayer]] = {}
    for layer in unified:
        kinds.setdefault(layer.spec, []).append(layer)
    size = _group_size([len(kind) for kind in kinds.values()])
    groups = []
    for kind in kinds.values():
        count = ceil_div(len(kind), size)
        groups += [CacheGroup(tuple(kind[start::count])) for start in range(count)]
    return tuple(groups)


def are_of_one_type(specs: Sequence[KVCacheSpec]) -> bool:
    """Whether layers need as many blocks each, so that one table does for all."""
    first = specs[0]
    if any(spec.block_size != first.block_size for spec in specs):
        return False
    if isinstance(first, FullAttentionSpec):
        return all(isinstance(spec, FullAttentionSpec) for spec in specs)
    if any(type(spec) is not type(first) for spec in specs):
        return False
    if isinstance(first, MambaSpec):
        return all(spec.page_size_bytes == first.page_size_bytes for spec in specs)
    return len({_reach(spec) for spec in specs}) == 1


def with_one_page_size(layers: Sequence[CachedLayer]) -> list[CachedLayer] | None:
    """The layers with pages of as many bytes: blocks of more tokens where that works out, else padded pages.

    None where a latent can't be padded.
    """
    largest = max(layer.spec.page_size_bytes for layer in layers)
    unified = []
    for place, spec in layers:
        page = spec.page_size_bytes
        if page == largest:
            unified.append(CachedLayer(place, spec))
        elif not isinstance(spec, MambaSpec) and largest % page == 0:
            unified.append(CachedLayer(place, replace(spec, block_size=spec.block_size * (largest // page))))
        elif isinstance(spec, MLAAttentionSpec):
            return None
        else:
            unified.append(CachedLayer(place, spec.padded(largest)))
    return unified


def _group_size(counts: Sequence[int]) -> int:
    fewest, most = min(counts), max(counts)
    return most if most < fewest * 1.5 else fewest


def _reach(spec: KVCacheSpec) -> int | None:
    if isinstance(spec, SlidingWindowSpec):
        return spec.sliding_window
    return spec.attention_chunk_size if isinstance(spec, ChunkedLocalAttentionSpec) else None


def _with_windows_as_full(layers: Sequence[CachedLayer]) -> list[CachedLayer]:
    return [CachedLayer(place, _as_full(spec) if isinstance(spec, AttentionSpec) else spec) for place, spec in layers]


def _as_full(spec: AttentionSpec) -> AttentionSpec:
    if isinstance(spec, FullAttentionSpec):
        return spec
    return FullAttentionSpec(
        block_size=spec.block_size,
        num_kv_heads=spec.num_kv_heads,
        head_size=spec.head_size,
        head_size_v=spec.head_size_v,
        element_bytes=spec.element_bytes,
    )
