"""From one group of parts to another that is mostly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.parts.tree import Module, Stack, Weight, module

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.parts.tree import Part


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
        >>> from budsim_widgets.architectures.parts import Weight, tensors
        >>> whole = module(attention=module(query=Weight((4, 4))))
        >>> [tensor.name for tensor in tensors(extended_at(whole, "attention", {"key": Weight((4, 4))}))]
        ['attention.query', 'attention.key']
    """
    name, _, rest = path.partition(".")
    inner = whole.children[name]
    if not isinstance(inner, Module):
        raise TypeError(f"{name!r} is no group")
    return extended(whole, {name: extended_at(inner, rest, more) if rest else extended(inner, more)})


def nested(path: str, part: Part) -> Module:
    """A group that holds a part at a path below it.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, tensors
        >>> [tensor.name for tensor in tensors(nested("model.norm", module(weight=Weight((4,)))))]
        ['model.norm.weight']
    """
    *outer, last = path.split(".")
    whole = module({last: part})
    for name in reversed(outer):
        whole = module({name: whole})
    return whole


def merged(whole: Module, more: Module) -> Module:
    """The parts of two groups in one: groups of one name are merged, and stacks of one name hold the layers of both.

    Raises:
        ValueError: Both have a part of one name that can't be merged.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, repeat, tensors
        >>> one = module(layers=repeat(1, Weight((4,))), norm=Weight((4,)))
        >>> [tensor.name for tensor in tensors(merged(one, module(mask=Weight((2, 2)))))]
        ['layers.0', 'norm', 'mask']
    """
    children = dict(whole.children)
    for name, part in more.children.items():
        children[name] = _merged_parts(name, children[name], part) if name in children else part
    return Module(children, (*whole.cache, *more.cache), whole.active_share or more.active_share)


def _merged_parts(name: str, first: Part, second: Part) -> Part:
    if isinstance(first, Module) and isinstance(second, Module):
        return merged(first, second)
    if isinstance(first, Stack) and isinstance(second, Stack) and first.prefix == second.prefix:
        return Stack((*first.kinds, *second.kinds), first.prefix)
    raise ValueError(f"two parts are called {name!r}")


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


def repeated_caches(part: Module, times: int) -> Module:
    """The same weights whose layers keep everything several times over, once for each pass of a token.

    Example:
        >>> from budsim_widgets.architectures.cache import StateCache
        >>> len(repeated_caches(module(cache=StateCache(conv_elements=4)), 3).cache)
        3
    """
    return Module(
        {name: _repeated_part(child, times) for name, child in part.children.items()},
        part.cache * times,
        part.active_share,
    )


def _repeated_part(part: Part, times: int) -> Part:
    if isinstance(part, Stack):
        return Stack(tuple((_repeated_part(layer, times), places) for layer, places in part.kinds), part.prefix)
    return repeated_caches(part, times) if isinstance(part, Module) else part


def _recached_part(part: Part, change: Callable[[LayerCache], LayerCache | None]) -> Part:
    if isinstance(part, Stack):
        return Stack(tuple((_recached_part(layer, change), places) for layer, places in part.kinds), part.prefix)
    return recached(part, change) if isinstance(part, Module) else part


def selected(part: Module, name: str) -> Module:
    """Only the weights of one name below a group, such as the biases; nothing is kept.

    Example:
        >>> from budsim_widgets.architectures.parts import Weight, repeat, tensors
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
