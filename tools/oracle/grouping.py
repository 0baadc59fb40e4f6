"""A model's tensors in few words: equal tensors of numbered layers stand once, with their count."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Named: TypeAlias = "tuple[str, tuple[int, ...]]"
"""A tensor: its full name and its shape."""


def starred(name: str) -> str:
    """The name with `*` in place of every index.

    Example:
        >>> starred("model.layers.12.mlp.up_proj.weight")
        'model.layers.*.mlp.up_proj.weight'
    """
    return ".".join("*" if word.isdigit() else word for word in name.split("."))


def grouped(tensors: Iterable[Named]) -> list[tuple[str, list[int], int]]:
    """(name with `*`, shape, how many), sorted.

    Example:
        >>> grouped([("h.0.w", (2, 3)), ("h.1.w", (2, 3)), ("norm.w", (3,))])
        [('h.*.w', [2, 3], 2), ('norm.w', [3], 1)]
    """
    counts = Counter((starred(name), shape) for name, shape in tensors)
    return [(name, list(shape), count) for (name, shape), count in sorted(counts.items())]


def digest(tensors: Iterable[Named]) -> str:
    """Twelve hexadecimal digits that tell whether two models have the very same names and shapes, indexes included."""
    lines = sorted(f"{name} {','.join(map(str, shape))}" for name, shape in tensors)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
