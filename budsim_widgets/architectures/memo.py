"""What is computed from an architecture is kept with it, and goes when it goes."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.architecture import Architecture

P = ParamSpec("P")
T = TypeVar("T")

MAX_KEPT: Final = 64
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
        key = (compute, *args, *kwargs.values())
        if key not in kept:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[key] = compute(architecture, *args, **kwargs)
        result: T = kept[key]
        return result

    return computed_once
