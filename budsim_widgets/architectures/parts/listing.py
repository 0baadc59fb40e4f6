"""What stands below a part: its tensors, what its layers keep, and their feed-forward blocks."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.parts.tree import Module, Stack, Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts.tree import Part, Role


class Tensor(NamedTuple):
    """One parameter tensor of the model, under its full name."""

    name: str
    shape: tuple[int, ...]
    role: Role


class TensorGroup(NamedTuple):
    """Tensors of one shape that differ in their layer's index only.

    Attributes:
        name: The full name with `*` in place of the indexes.
        shape: The shape of each.
        role: What they are for.
        num_tensors: How many there are.
        active_share: (used, all) experts per token, where the tensor belongs to routed experts.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    num_tensors: int
    active_share: tuple[int, int] | None = None

    @property
    def num_parameters(self) -> int:
        """Elements in all tensors of the group."""
        return prod(self.shape) * self.num_tensors


class FeedForward(NamedTuple):
    """A block of several linear layers, or of experts, that keeps nothing between tokens.

    Attributes:
        linears: The shapes of the matrices of its linear layers.
        experts: The shapes of its experts' fused weights.
        active_share: (used, all) experts per token; None where it has no routed ones.
    """

    linears: tuple[tuple[int, ...], ...]
    experts: tuple[tuple[int, ...], ...]
    active_share: tuple[int, int] | None


_MATRIX: Final = 2
_SEVERAL: Final = 2


class Layer(NamedTuple):
    """A kind of layer.

    Attributes:
        part: One of them.
        stack: The number of the stack that it stands in.
        indexes: Where in the stack it stands.
        caches: (cache, how many of it one of them holds).
    """

    part: Module
    stack: int
    indexes: tuple[int, ...]
    caches: tuple[tuple[LayerCache, int], ...]


class Listing(NamedTuple):
    """What one walk over the parts of a model finds.

    Attributes:
        groups: The tensors, with identical layers counted once and multiplied.
        caches: (cache, number of layers that hold one), where they stand.
        layers: The layers of the stacks that stand in no other stack, those of one kind together.
    """

    groups: list[TensorGroup]
    caches: list[tuple[LayerCache, int]]
    layers: list[Layer]


def tensors(part: Part, prefix: str = "") -> Iterator[Tensor]:
    """Every tensor below a part under its full name, in the order of the description."""
    if isinstance(part, Weight):
        yield Tensor(prefix, part.shape, part.role)
    elif isinstance(part, Module):
        for name, child in part.children.items():
            yield from tensors(child, f"{prefix}.{name}" if prefix else name)
    else:
        placed = [(index, layer) for layer, indexes in part.kinds for index in indexes]
        for index, layer in sorted(placed, key=lambda item: item[0]):
            yield from tensors(layer, f"{prefix}.{part.prefix}{index}")


def listed(part: Part) -> Listing:
    """The tensors, the caches and the layers below a part, found in one walk."""
    found = Listing([], [], [])
    if type(part) is Module:
        _gather(found, part, "", 1, None)
    else:
        _gather_part(found, part, "", 1, None)
    return found


def groups(part: Part) -> list[TensorGroup]:
    """The tensors below a part with identical layers counted once and multiplied."""
    return listed(part).groups


def _gather(found: Listing, part: Module, start: str, count: int, active_share: tuple[int, int] | None) -> None:
    """What a group holds, whose names begin so."""
    children, kept, own_share = part
    groups, share = found.groups, own_share or active_share
    for cache in kept:
        found.caches.append((cache, count))
    for name, child in children.items():
        if type(child) is Module:
            inside, inside_kept, inside_share = child
            weight = inside.get("weight")
            if len(inside) == 1 and type(weight) is Weight and not inside_kept:  # as most are: linear layers and norms
                shape, role = weight
                groups.append(TensorGroup(f"{start}{name}.weight", shape, role, count, inside_share or share))
            else:
                _gather(found, child, f"{start}{name}.", count, share)
        elif type(child) is Weight:
            shape, role = child
            groups.append(TensorGroup(start + name, shape, role, count, share))
        else:
            _gather_part(found, child, start + name, count, share)


def _gather_part(found: Listing, part: Part, path: str, count: int, active_share: tuple[int, int] | None) -> None:
    """The same of whatever stands at a path."""
    if type(part) is Module:
        _gather(found, part, f"{path}.", count, active_share)
    elif type(part) is Stack:
        stack = found.layers[-1].stack + 1 if found.layers else 1
        for layer, indexes in part.kinds:
            first, number = len(found.caches), len(indexes)
            _gather_part(found, layer, f"{path}.{part.prefix}*", count * number, active_share)
            if type(layer) is Module and "*" not in path:
                kept = tuple([(cache, all_of_them // number) for cache, all_of_them in found.caches[first:]])
                found.layers.append(Layer(layer, stack, indexes, kept))
    elif type(part) is Weight:
        found.groups.append(TensorGroup(path, part.shape, part.role, count, active_share))


def feed_forwards(part: Part) -> list[FeedForward]:
    """The feed-forward blocks below a part, those of identical layers once."""
    found: list[FeedForward] = []
    _gather_feed_forwards(found, part)
    return found


def _gather_feed_forwards(found: list[FeedForward], part: Part) -> None:
    if type(part) is Stack:
        for layer, _ in part.kinds:
            _gather_feed_forwards(found, layer)
    elif type(part) is Module:
        linears, experts = [], []
        for child in part.children.values():
            if type(child) is Weight:
                if child.role == "experts":
                    experts.append(child.shape)
                continue
            weight = child.children.get("weight") if type(child) is Module else None
            if type(weight) is Weight and weight.role == "linear" and len(weight.shape) == _MATRIX:
                linears.append(weight.shape)
            elif type(weight) is not Weight or weight.role == "experts":  # other weights are norms and tables
                _gather_feed_forwards(found, child)
        if (experts or len(linears) >= _SEVERAL) and not part.cache:
            found.append(FeedForward(tuple(linears), tuple(experts), part.active_share))


def names_of_groups(part: Part) -> list[tuple[str, ...]]:
    """The full names of the tensors of each group, in the order of `groups`.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, module, repeat
        >>> names_of_groups(module(head=Weight((4,)), layers=repeat(2, module(norm=Weight((4,))))))
        [('head',), ('layers.0.norm', 'layers.1.norm')]
    """
    found: list[tuple[str, ...]] = []
    _gather_names(found, part, ("",))
    return found


def _gather_names(found: list[tuple[str, ...]], part: Part, prefixes: tuple[str, ...]) -> None:
    if isinstance(part, Weight):
        found.append(prefixes)
    elif isinstance(part, Module):
        for name, child in part.children.items():
            _gather_names(found, child, tuple(f"{prefix}.{name}" if prefix else name for prefix in prefixes))
    else:
        for layer, indexes in part.kinds:
            within = tuple(f"{prefix}.{part.prefix}{index}" for prefix in prefixes for index in indexes)
            _gather_names(found, layer, within)


def num_parameters(part: Part) -> int:
    """Parameters of everything below a part."""
    if isinstance(part, Weight):
        return part.num_parameters
    if isinstance(part, Module):
        return sum(map(num_parameters, part.children.values()))
    return sum(num_parameters(layer) * len(indexes) for layer, indexes in part.kinds)


def caches(part: Part) -> list[tuple[LayerCache, int]]:
    """(cache, number of layers that hold one) of everything below a part."""
    return listed(part).caches
