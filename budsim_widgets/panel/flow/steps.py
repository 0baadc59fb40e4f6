"""How far a piece of work is that goes through many items; it ends where nobody waits for it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    _Item = TypeVar("_Item")


def _ignore(*_: int) -> None:
    """Nobody looks."""


class Steps:
    """Counts the items of a piece of work, in the thread that does it.

    Attributes:
        tell: Called with how many items are done and how many there are, before each and after the last; it may raise
            to end the work.
        begin_last: Called before what can't be ended any more, such as keeping what the items gave; it may raise, too.
    """

    def __init__(self) -> None:
        self.tell: Callable[[int, int], None] = _ignore
        self.begin_last: Callable[[], None] = _ignore

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

    def through_to_the_last(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """The same, where what they gave is kept once all of them are done: that can't be ended.

        Example:
            >>> steps = Steps()
            >>> steps.begin_last = lambda: print("kept now")
            >>> list(steps.through_to_the_last(["a"]))
            kept now
            ['a']
        """
        yield from self.through(items)
        self.begin_last()
