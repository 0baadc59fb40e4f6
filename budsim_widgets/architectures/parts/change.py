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
