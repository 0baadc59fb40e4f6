"""What a model is made of: named modules whose leaves are weights.

A family describes its model as a tree of these; the names are the ones that `transformers` gives its parameters, so
that a description can be compared with the real model tensor for tensor. Equal parts are equal values, and a `Stack`
holds each kind of layer once, however many layers there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from budsim_widgets.architectures.cache import LayerCache

Role: TypeAlias = Literal["embedding", "linear", "experts", "norm", "conv", "bias", "head", "other"]
"""What a tensor is for; number formats treat the roles differently.

`experts` are the fused three-dimensional weights of a mixture of experts, [experts, out, in] or [experts, in, out].
"""


@dataclass(frozen=True, slots=True)
class Weight:
    """One parameter tensor.

    Raises:
        ValueError: A size isn't a whole number from 0.

    Example:
        >>> Weight((4096, 1024), "linear").num_parameters
        4194304
    """

    shape: tuple[int, ...]
    role: Role = "other"

    def __post_init__(self) -> None:
        for size in self.shape:
            if not isinstance(size, int) or size < 0:
                raise ValueError(f"{str(size)[:50]!r} is no size of a tensor")

    @property
    def num_parameters(self) -> int:
        """Numbers in the tensor."""
        return prod(self.shape)


@dataclass(frozen=True)
class Module:
    """A named group of parts.

    Attributes:
        children: Parts by the name that transformers gives them.
        cache: What this module keeps between tokens for every sequence.
        active_share: (used, all) experts per token, for the weights of routed experts.
    """

    children: Mapping[str, Part]
    cache: tuple[LayerCache, ...] = ()
    active_share: tuple[int, int] | None = None


@dataclass(frozen=True)
class Stack:
    """Numbered layers (`layers.0`, `layers.1` …), each distinct one held once.

    Attributes:
        kinds: (layer, the indexes at which it stands), in the order of their first index.
        prefix: What stands before the index in a name, such as `expert_`.
    """

    kinds: tuple[tuple[Part, tuple[int, ...]], ...]
    prefix: str = ""


Part: TypeAlias = "Weight | Module | Stack"


class Tensor(NamedTuple):
    """One parameter tensor of the model, under its full name."""

    name: str
    shape: tuple[int, ...]
    role: Role


@dataclass(frozen=True, slots=True)
class TensorGroup:
    """Tensors of one shape that differ in their layer's index only.

    Attributes:
        name: The full name with `*` in place of the indexes.
        active_share: (used, all) experts per token, where the tensor belongs to routed experts.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    count: int
    active_share: tuple[int, int] | None = None

    @property
    def num_parameters(self) -> int:
        """Numbers in all tensors of the group."""
        return prod(self.shape) * self.count


def module(
    children: Mapping[str, Part | None] | None = None,
    /,
    *,
    cache: LayerCache | Iterable[LayerCache] | None = None,
    active_share: tuple[int, int] | None = None,
    **more: Part | None,
) -> Module:
    """A group of parts; parts given as None are left out.

    Names that are no Python identifiers go into the mapping, the others are keywords.

    Example:
        >>> sorted(module({"0": Weight((8, 4))}, norm=Weight((8,)), bias=None).children)
        ['0', 'norm']
    """
    named = {**(children or {}), **more}
    caches = () if cache is None else tuple(cache) if hasattr(cache, "__iter__") else (cache,)
    return Module({name: part for name, part in named.items() if part is not None}, caches, active_share)


def extended(whole: Module, more: Mapping[str, Part | None]) -> Module:
    """The same group with further parts; parts given as None are left out."""
    return module({**whole.children, **more}, cache=whole.cache, active_share=whole.active_share)


def extended_at(whole: Module, path: str, more: Mapping[str, Part | None]) -> Module:
    """The same group with further parts in one of the groups below it.

    Args:
        whole: The group.
        path: Where the parts go, such as `attention.self`.
        more: The parts; those given as None are left out.

    Example:
        >>> whole = module(attention=module(query=Weight((4, 4))))
        >>> [tensor.name for tensor in tensors(extended_at(whole, "attention", {"key": Weight((4, 4))}))]
        ['attention.query', 'attention.key']
    """
    name, _, rest = path.partition(".")
    inner = whole.children[name]
    if not isinstance(inner, Module):
        raise TypeError(f"{name!r} is no group")
    return extended(whole, {name: extended_at(inner, rest, more) if rest else extended(inner, more)})


def uncached(part: Module) -> Module:
    """The same weights without anything kept, as an encoder uses a decoder's layers."""
    return recached(part, lambda _: None)


def recached(part: Module, change: Callable[[LayerCache], LayerCache | None]) -> Module:
    """The same weights whose layers keep something else, as where one model uses the layers of another.

    Args:
        part: The group.
        change: From what a layer keeps to what it keeps here; None: nothing.
    """
    kept = tuple(new for cache in part.cache if (new := change(cache)) is not None)
    return Module(
        {name: _recached_part(child, change) for name, child in part.children.items()}, kept, part.active_share
    )


def _recached_part(part: Part, change: Callable[[LayerCache], LayerCache | None]) -> Part:
    if isinstance(part, Stack):
        return Stack(tuple((_recached_part(layer, change), places) for layer, places in part.kinds), part.prefix)
    return recached(part, change) if isinstance(part, Module) else part


def selected(part: Module, name: str) -> Module:
    """Only the weights of one name below a group, such as the biases; nothing is kept.

    Example:
        >>> whole = module(layers=repeat(2, module(weight=Weight((4, 4)), bias=Weight((4,)))))
        >>> [tensor.name for tensor in tensors(selected(whole, "bias"))]
        ['layers.0.bias', 'layers.1.bias']
    """
    chosen = {own: child for own, child in part.children.items() if own == name or not isinstance(child, Weight)}
    return Module({own: _selected_part(child, name) for own, child in chosen.items()}, (), part.active_share)


def _selected_part(part: Part, name: str) -> Part:
    if isinstance(part, Stack):
        return Stack(tuple((_selected_part(layer, name), places) for layer, places in part.kinds), part.prefix)
    return selected(part, name) if isinstance(part, Module) else part


def stack(kinds: Iterable[Hashable], build: Callable[..., Part]) -> Stack:
    """Layers built from one value each; `build` is called once for each distinct value.

    A tuple is passed as several arguments.

    Example:
        >>> layers = stack(["local", "local", "full"], lambda kind: module(w=Weight((len(kind),))))
        >>> [indexes for _, indexes in layers.kinds]
        [(0, 1), (2,)]
    """
    places: dict[Hashable, list[int]] = {}
    for index, kind in enumerate(kinds):
        places.setdefault(kind, []).append(index)
    return Stack(
        tuple(
            (build(*kind) if isinstance(kind, tuple) else build(kind), tuple(indexes))
            for kind, indexes in places.items()
        )
    )


def repeat(count: int, part: Part, *, prefix: str = "") -> Stack:
    """The same layer `count` times, its index behind `prefix`.

    Example:
        >>> repeat(3, Weight((2,))).kinds[0][1]
        (0, 1, 2)
    """
    return Stack(((part, tuple(range(count))),) if count > 0 else (), prefix)


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


def groups(part: Part) -> list[TensorGroup]:
    """The tensors below a part with identical layers counted once and multiplied."""
    found: list[TensorGroup] = []
    _gather(found, part, "", 1, None)
    return found


def _gather(
    found: list[TensorGroup], part: Part, prefix: str, count: int, active_share: tuple[int, int] | None
) -> None:
    if isinstance(part, Weight):
        found.append(TensorGroup(prefix, part.shape, part.role, count, active_share))
    elif isinstance(part, Module):
        share = part.active_share or active_share
        for name, child in part.children.items():
            _gather(found, child, f"{prefix}.{name}" if prefix else name, count, share)
    else:
        for layer, indexes in part.kinds:
            _gather(found, layer, f"{prefix}.{part.prefix}*", count * len(indexes), active_share)


def num_parameters(part: Part) -> int:
    """Parameters of everything below a part."""
    return sum(group.num_parameters for group in groups(part))


def caches(part: Part, count: int = 1) -> Iterator[tuple[LayerCache, int]]:
    """(cache, number of layers that hold one) of everything below a part."""
    if isinstance(part, Module):
        for cache in part.cache:
            yield cache, count
        for child in part.children.values():
            yield from caches(child, count)
    elif isinstance(part, Stack):
        for layer, indexes in part.kinds:
            yield from caches(layer, count * len(indexes))
