"""The automaton that a pattern becomes: states, and the ways from one to the next.

A part of a pattern is its first and its last state; parts are joined by links between these.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_STATES: Final = 300
"""States of one pattern; the longest in released configs needs about 120."""


class UnreadablePatternError(ValueError):
    """The pattern is outside the language, or too large."""


class State(NamedTuple):
    """A state of the automaton: reads one of `characters` and goes on to the next state, or only goes on."""

    reads: bool
    characters: frozenset[str]
    targets: list[int]
    excludes: bool = False

    def takes(self, character: str) -> bool:
        """Whether it goes on over this character."""
        return (character in self.characters) is not self.excludes


class Part(NamedTuple):
    """A part of a pattern: the states at which it starts and ends."""

    first: int
    last: int


class Automaton:
    """States under construction, numbered from 1.

    Attributes:
        states: Those that there are.
    """

    def __init__(self) -> None:
        self.states: list[State] = []

    def add(self, *, reads: bool = False, characters: frozenset[str] = frozenset(), excludes: bool = False) -> int:
        """A new state.

        Raises:
            UnreadablePatternError: There are too many.
        """
        if len(self.states) >= MAX_STATES:
            raise UnreadablePatternError("too many states")
        self.states.append(State(reads, characters, [], excludes))
        return len(self.states)

    def link(self, source: int, target: int) -> None:
        """A way from one state to another."""
        self.states[source - 1].targets.append(target)

    def reading(self, characters: frozenset[str], excludes: bool = False) -> Part:  # noqa: FBT001, FBT002 - of a set
        """What reads one of these characters, or one of all others."""
        part = Part(self.add(reads=True, characters=characters, excludes=excludes), self.add())
        self.link(*part)
        return part

    def literal(self, last: int, text: str) -> int:
        """Characters in a row behind a state, each read by one state; the state after them."""
        for character in text:
            state = self.add(reads=True, characters=frozenset(character))
            self.link(last, state)
            last = state
        end = self.add()
        self.link(last, end)
        return end

    def between(self, start: int, part: Part, end: int) -> None:
        """One of the alternatives from one state to another."""
        self.link(start, part.first)
        self.link(part.last, end)

    def looped(self, part: Part, *, may_skip: bool, may_repeat: bool) -> Part:
        """The part, which may be left out, or read again."""
        around = Part(self.add(), self.add())
        self.between(around.first, part, around.last)
        if may_skip:
            self.link(*around)
        if may_repeat:
            self.link(part.last, part.first)
        return around
