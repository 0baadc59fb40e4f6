"""What the layers behind a layer have yet to cache."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, CrossAttentionCache, LatentCache, StateCache
from budsim_widgets.engines.stages import on_stage
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.held import NOTHING, Held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Layer


class Later(NamedTuple):
    """What isn't held yet while a kind of layer runs.

    Attributes:
        kind: The number of the kind.
        held: What the layers behind it have yet to cache, below 0.
    """

    kind: int
    held: Held


def cached_later(layer: Layer, layers: Sequence[Layer], width: int) -> Held:
    """What isn't held while the last layer of a kind runs, since only the layers behind it will cache it; below 0.

    Args:
        layer: The kind.
        layers: All kinds on the same device: what another device has yet to cache never stands on this one.
        width: Bytes of a number.

    Example:
        Layers with a window of Cohere2, whose last layer has none: the keys and values of one layer aren't there yet.
    """
    later = NOTHING
    if list(layers) == [layer]:
        return later
    for other in layers:
        if number := _number_behind(other, layer):
            for cache, count in other.caches:
                later = later.plus(_cached(cache, -number * count, width))
    return later


def cached_later_on_stages(
    kinds: Sequence[Layer], layers: Sequence[Layer], width: int, stages: int, lengths: Mapping[int, int]
) -> list[Later]:
    """What isn't held yet while each kind of layer runs, on each pipeline stage that has layers of this kind.

    Args:
        kinds: The kinds that run.
        layers: All kinds that cache.
        width: Bytes of a number.
        stages: Pipeline stages; on a single one each kind has one answer.
        lengths: How many layers each stack has.
    """
    found: dict[Later, None] = {}
    for stage in range(stages):
        others = on_stage(layers, lengths, stage, stages)
        for number, layer in enumerate(on_stage(kinds, lengths, stage, stages)):
            if layer.indexes:
                found[Later(number, cached_later(layer, others, width))] = None
    return sorted(found, key=lambda one: one.kind)


def _cached(cache: LayerCache, number: int, width: int) -> Held:
    """What so many caches hold right after a prompt: those with a window still hold all of it."""
    if isinstance(cache, CrossAttentionCache) and cache.fixed_tokens is not None:
        return Held(sequence=number * width * cache.fixed_tokens * cache.elements_per_token)
    if isinstance(cache, AttentionCache):
        return Held(block=number * width * cache.elements_per_token)
    if isinstance(cache, LatentCache):
        return Held(block=number * width * (cache.kv_lora_rank + cache.rope_head_dim + cache.index_head_dim))
    if isinstance(cache, StateCache):
        return Held(sequence=number * (width * cache.conv_elements + FP32_BYTES * cache.recurrent_elements))
    return NOTHING


def _number_behind(layer: Layer, last: Layer) -> int:
    """How many layers of a kind run after the last one of another kind."""
    if layer.stack != last.stack:
        return len(layer.indexes) if layer.stack > last.stack else 0
    return len(layer.indexes) - bisect_right(layer.indexes, last.indexes[-1])
