"""A keyword that nothing is called by is an error with a hint, never ignored."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def refuse_unknown(name: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuses keywords that aren't known.

    Args:
        name: Of what takes them.
        given: What it doesn't take.
        known: What it does.

    Raises:
        TypeError: There is one.

    Example:
        >>> refuse_unknown("MemoryPanel", ["batchsize"], ["batch_size"])
        Traceback (most recent call last):
            ...
        TypeError: MemoryPanel has no parameter 'batchsize'. Did you mean batch_size?
    """
    for one in given:
        near = get_close_matches(one, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
        raise TypeError(f"{name} has no parameter {one!r}. {hint}")
