"""Names of modules without a sign of a pattern: looked up, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.formats.module_index import ModuleIndex

WHOLE: Final = "="
"""What stands before a name that means the module of this very name alone."""

_WORK_OF_A_LOOK_UP: Final = 4
_FEWER: Final = 4
"""Looking names up in order takes so much longer than in a set."""


@dataclass(frozen=True)
class PlainNames:
    """Names that mean each module whose full name begins with one of them, up to a dot, or ends with it.

    Attributes:
        names: The names.
        whole: Names that mean the module of this very name alone.
    """

    names: frozenset[str]
    whole: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str]) -> PlainNames:
        """These names; those behind `=` mean the module of this very name alone.

        Example:
            >>> names = PlainNames.of(["mlp.gate", "model.layers.1", "head"])
            >>> [names.fits(name) for name in ("model.layers.1.mlp", "model.layers.11.mlp", "x.mlp.gate", "lm_head")]
            [True, False, True, True]
        """
        listed = frozenset(names)
        marked = frozenset(name for name in listed if name.startswith(WHOLE))
        return cls(listed - marked, frozenset(name.removeprefix(WHOLE) for name in marked))

    def matched(self, modules: ModuleIndex) -> set[str]:
        """Those of these modules that are meant: each is looked up among the names, or each name among them."""
        return self._beside(modules) | self.whole.intersection(modules.names)

    def _beside(self, modules: ModuleIndex) -> set[str]:
        number = len(modules.names)
        if len(self.names) * _FEWER > number:
            modules.work += _WORK_OF_A_LOOK_UP * number
            return {name for name in modules.names if self.fits(name)} if self.names else set()
        modules.work += _FEWER * _WORK_OF_A_LOOK_UP * len(self.names)
        found: set[str] = set()
        for listed in self.names:
            found.update(modules.beginning(listed if listed.endswith(".") else f"{listed}."), modules.ending(listed))
            if modules.is_worn_out:
                break
        return found

    def fits(self, name: str) -> bool:
        """Whether a module is meant; a few look-ups for each dot of its name."""
        dot, begin = name.find("."), 0
        while dot != -1:
            if name[:dot] in self.names or name[: dot + 1] in self.names:
                return True
            if self._ends(name[begin:dot], name[dot + 1 :]):
                return True
            dot, begin = name.find(".", dot + 1), dot + 1
        return self._ends(name[begin:], None)

    def _ends(self, word: str, rest: str | None) -> bool:
        """Whether an end of the word, before this rest of the name, is listed."""
        starts = self._starts.get(rest)
        return starts is not None and any(word[index:] in starts for index in range(len(word) + 1))

    @cached_property
    def _starts(self) -> dict[str | None, set[str]]:
        """What stands before the first dot of each name, by what stands behind it; None: there is no dot."""
        found: dict[str | None, set[str]] = {}
        for name in self.names:
            start, dot, rest = name.partition(".")
            found.setdefault(rest if dot else None, set()).add(start)
        return found
