"""How far a piece of work is that goes through many items; it ends where nobody waits for it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    _Item = TypeVar("_Item")


def _ignore(_: int, __: int) -> None:
    """Nobody looks."""


class Steps:
    """Counts the items of a piece of work, in the thread that does it.

    Attributes:
        tell: Called with how many items are done and how many there are, before each and after the last; it may raise
            to end the work.
    """

    def __init__(self) -> None:
        self.tell: Callable[[int, int], None] = _ignore

    def through(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """The items, one after the other.

        Example:
            >>> steps = Steps()
            >>> steps.tell = print
            >>> [item.upper() for item in steps.through(["a", "b"])]
            0 2
            1 2
            2 2
            ['A', 'B']
        """
        all_items = list(items)
        for done, item in enumerate(all_items):
            self.tell(done, len(all_items))
            yield item
        self.tell(len(all_items), len(all_items))
