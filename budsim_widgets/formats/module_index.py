"""The names of a model's modules, ordered once for all lists that are matched with them, and the work of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WORK: Final = 90_000
"""What all lists of a config may cost with the modules of a model, in steps of an automaton: about 15 ms."""

_LAST_CHARACTER: Final = chr(0x10FFFF)
_PIECES: Final = re.compile(r"[^.]*\.|[^.]+")


class ModuleIndex:
    """The full names of modules.

    Args:
        kinds: Names; those of one kind differ in their layer's index alone.

    Attributes:
        work: What was done with them so far.
    """

    def __init__(self, kinds: Sequence[tuple[str, ...]]) -> None:
        self.kinds = kinds
        self.work = 0
        self._pieces: dict[str, tuple[str, ...]] = {}

    @property
    def is_worn_out(self) -> bool:
        """Whether more was done than a list may cost."""
        return self.work > MAX_WORK

    @cached_property
    def names(self) -> list[str]:
        """All names, in order."""
        return sorted({name for names in self.kinds for name in names})

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(name[::-1] for name in self.names)

    def beginning(self, start: str) -> list[str]:
        """The names that begin so.

        Example:
            >>> ModuleIndex([("layers.0.mlp", "layers.1.mlp"), ("lm_head",)]).beginning("layers.1")
            ['layers.1.mlp']
        """
        return _beginning(self.names, start)

    def ending(self, end: str) -> list[str]:
        """The names that end so."""
        return [name[::-1] for name in _beginning(self._backwards, end[::-1])]

    def pieces(self, name: str) -> tuple[str, ...]:
        """A name, cut behind its dots."""
        found = self._pieces.get(name)
        if found is None:
            found = self._pieces[name] = tuple(_PIECES.findall(name))
        return found


def _beginning(ordered: list[str], start: str) -> list[str]:
    return ordered[bisect_left(ordered, start) : bisect_left(ordered, start + _LAST_CHARACTER)]
