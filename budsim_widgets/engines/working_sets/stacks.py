"""The layers of a model, each kind once, and what those behind it have yet to cache."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache, StateCache
from budsim_widgets.architectures.parts import Module, Stack, Weight, caches
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.held import Held

if TYPE_CHECKING:
    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts import Part

_NOTHING: Final = Held()


class Layer(NamedTuple):
    """A kind of layer.

    Attributes:
        part: One of them.
        stack: The number of the stack that it stands in.
        indexes: Where in the stack it stands.
    """

    part: Module
    stack: int
    indexes: tuple[int, ...]

    def number_behind(self, last: Layer) -> int:
        """How many layers of this kind run after the last one of another kind."""
        if self.stack != last.stack:
            return len(self.indexes) if self.stack > last.stack else 0
        return len(self.indexes) - bisect_right(self.indexes, last.indexes[-1])


def layers_of(root: Part) -> list[Layer]:
    """Each distinct layer of the stacks that cache, in the order of the model; where none does, of all stacks."""
    layers: list[Layer] = []
    _gather(root, layers, [0])
    return [layer for layer in layers if _caches(layer.part)] or layers


def cached_later(layer: Layer, layers: list[Layer], width: int) -> Held:
    """What isn't held while the last layer of a kind runs, since only the layers behind it will cache it; below 0.

    Args:
        layer: The kind.
        layers: All kinds.
        width: Bytes of a number.

    Example:
        Layers with a window of Cohere2, whose last layer has none: the keys and values of one layer aren't there yet.
    """
    later = _NOTHING
    if len(layers) == 1:
        return later
    for other in layers:
        if number := other.number_behind(layer):
            for cache, count in caches(other.part):
                later = later.plus(_cached(cache, -number * count, width))
    return later


def _cached(cache: LayerCache, number: int, width: int) -> Held:
    """What so many caches hold right after a prompt: those with a window still hold all of it."""
    if isinstance(cache, AttentionCache):
        return Held(block=number * width * cache.elements_per_token)
    if isinstance(cache, LatentCache):
        return Held(block=number * width * (cache.kv_lora_rank + cache.rope_head_dim + cache.index_head_dim))
    if isinstance(cache, StateCache):
        return Held(sequence=number * (width * cache.conv_elements + FP32_BYTES * cache.recurrent_elements))
    return _NOTHING


def _gather(part: Part, found: list[Layer], number: list[int]) -> None:
    """Collects the layers below a part; `number` counts the stacks."""
    if type(part) is Stack:
        number[0] += 1
        found += [Layer(layer, number[0], indexes) for layer, indexes in part.kinds if type(layer) is Module]
    elif type(part) is Module:
        for child in part.children.values():
            if type(child) is not Weight:
                _gather(child, found, number)


def _caches(part: Part) -> bool:
    if type(part) is Module:
        return bool(part.cache) or any(type(child) is not Weight and _caches(child) for child in part.children.values())
    return type(part) is Stack and any(_caches(layer) for layer, _ in part.kinds)
