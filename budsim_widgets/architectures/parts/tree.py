"""The parts, and how they are put together."""

from __future__ import annotations

from itertools import groupby
from math import prod
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from typing_extensions import Self

    from budsim_widgets.architectures.cache import LayerCache


Role: TypeAlias = Literal["embedding", "linear", "experts", "norm", "conv", "bias", "head", "other"]
"""What a tensor is for; number formats treat the roles differently.

`experts` are the fused three-dimensional weights of a mixture of experts, [experts, out, in] or [experts, in, out].
"""


MAX_LAYER_KINDS: Final = 200
"""Distinct kinds of layers in one stack: each is described on its own. Released models have up to 80."""


class TooManyLayerKindsError(ValueError):
    """The layers of a stack differ more than those of any model."""


class _Weight(NamedTuple):
    shape: tuple[int, ...]
    role: Role


class Weight(_Weight):
    """One parameter tensor.

    Raises:
        ValueError: A size isn't a whole number from 0.

    Example:
        >>> Weight((4096, 1024), "linear").num_parameters
        4194304
    """

    __slots__ = ()

    def __new__(cls, shape: tuple[int, ...], role: Role = "other") -> Self:
        """A tensor of this shape, whose sizes are looked at."""
        for size in shape:
            if (type(size) is not int and not isinstance(size, int)) or size < 0:
                raise ValueError(f"{quoted(size, 50)} is no size of a tensor")
        return tuple.__new__(cls, (shape, role))

    @property
    def num_parameters(self) -> int:
        """Elements in the tensor."""
        return prod(self.shape)


class Module(NamedTuple):
    """A named group of parts.

    Attributes:
        children: Parts by the name that transformers gives them.
        cache: What this module keeps between tokens for every sequence.
        active_share: (used, all) experts per token, for the weights of routed experts.
    """

    children: Mapping[str, Part]
    cache: tuple[LayerCache, ...] = ()
    active_share: tuple[int, int] | None = None


class Stack(NamedTuple):
    """Numbered layers (`layers.0`, `layers.1` …), each distinct one held once.

    Attributes:
        kinds: (layer, the indexes at which it stands), in the order of their first index.
        prefix: What stands before the index in a name, such as `expert_`.
    """

    kinds: tuple[tuple[Part, tuple[int, ...]], ...]
    prefix: str = ""


Part: TypeAlias = "Weight | Module | Stack"


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
    named: dict[str, Any] = {**children, **more} if children else more
    if None in named.values():
        named = {name: part for name, part in named.items() if part is not None}
    caches = () if cache is None else tuple(cache) if hasattr(cache, "__iter__") else (cache,)
    return Module(named, caches, active_share)


def stack(kinds: Iterable[Hashable], build: Callable[..., Part]) -> Stack:
    """Layers built from one value each; `build` is called once for each distinct value.

    A tuple is passed as several arguments.

    Example:
        >>> layers = stack(["local", "local", "full"], lambda kind: module(w=Weight((len(kind),))))
        >>> [indexes for _, indexes in layers.kinds]
        [(0, 1), (2,)]
    """
    places: dict[Hashable, list[int]] = {}
    count = 0
    for kind, run in groupby(kinds):
        first, count = count, count + len(tuple(run))
        places.setdefault(kind, []).extend(range(first, count))
        if len(places) > MAX_LAYER_KINDS:
            raise TooManyLayerKindsError(f"it makes more than {MAX_LAYER_KINDS} kinds of layers")
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
