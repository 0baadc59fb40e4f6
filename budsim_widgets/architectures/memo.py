"""What is computed from an architecture is kept with it, and goes when it goes."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.architecture import Architecture

P = ParamSpec("P")
T = TypeVar("T")

_MISSING: Final = object()
MAX_KEPT: Final = 256
"""Results that one architecture keeps; then they are computed again."""


def kept_with_architecture(
    compute: Callable[Concatenate[Architecture, P], T],
) -> Callable[Concatenate[Architecture, P], T]:
    """Computes each result of a function of an architecture once; further arguments must be hashable.

    A cache of its own for each function would keep the last architectures alive, whatever their size.
    """

    @wraps(compute)
    def computed_once(architecture: Architecture, /, *args: P.args, **kwargs: P.kwargs) -> T:
        kept = architecture.computed
        key = (compute, args, *kwargs.values())
        found = kept.get(key, _MISSING)  # once: the hash of a key takes longer than the rest
        if found is _MISSING:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            found = kept[key] = compute(architecture, *args, **kwargs)
        result: T = found
        return result

    return computed_once


def last_kept_with_architecture(
    compute: Callable[Concatenate[Architecture, P], T],
) -> Callable[Concatenate[Architecture, P], T]:
    """Computes again only where an argument has changed since the last call for the same architecture.

    For what is asked with ever other arguments, each of them a few times in a row: it takes one place of those that an
    architecture keeps. Arguments are given by position.
    """

    @wraps(compute)
    def computed_on_change(architecture: Architecture, /, *args: P.args, **kwargs: P.kwargs) -> T:
        last = architecture.computed.get(compute)
        if last is not None and last[0] == args and not kwargs:
            known: T = last[1]
            return known
        result = compute(architecture, *args, **kwargs)
        if not kwargs:
            architecture.computed[compute] = (args, result)
        return result

    return computed_on_change
