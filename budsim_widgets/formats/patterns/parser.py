"""Patterns read into the states of an automaton; `pattern` says which language they are in, and runs them."""

from __future__ import annotations

import re
import string
from typing import Final

from budsim_widgets.formats.patterns.automaton import Automaton, Part, State, UnreadablePatternError

DIGITS: Final = frozenset(string.digits)

_MAX_DEPTH: Final = 20
_MAX_COUNT: Final = 20
_CLASSES: Final = {
    "d": DIGITS,
    "w": frozenset(string.ascii_letters + string.digits + "_"),
    "s": frozenset(string.whitespace),
}
_RUN: Final = re.compile(r"[\w-]+(?![*+?{])")
_UNREADABLE_ESCAPES: Final = frozenset(string.ascii_letters + string.digits) - {"n", "t"}


def parse(text: str) -> tuple[tuple[State, ...], int, int]:
    """The states of a pattern, of which the first is the start; the one at which it ends, and where the name does too.

    Raises:
        UnreadablePatternError: It is outside the language, or has too many states.
    """
    parser = _Parser(text)
    start, end, whole_end = parser.parse()
    return (State(reads=False, characters=frozenset(), targets=[start]), *parser.automaton.states), end, whole_end


class _Parser:
    """Reads a pattern into states, numbered from 1."""

    def __init__(self, text: str) -> None:
        self._text, self._position = text, 0
        self.automaton = Automaton()

    def parse(self) -> tuple[int, int, int]:
        """The states at which it starts, ends, and ends where the name does."""
        start, end, whole_end = (self.automaton.add() for _ in range(3))
        while True:
            if self._peek() == "^":
                self._position += 1
            part = self._sequence(0)
            is_whole = self._peek() == "$"
            self._position += is_whole
            self.automaton.between(start, part, whole_end if is_whole else end)
            if self._peek() != "|":
                break
            self._position += 1
        if self._position < len(self._text):
            raise UnreadablePatternError("it goes on where it should end")
        return start, end, whole_end

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _next(self) -> str:
        character = self._peek()
        self._position += 1
        return character

    def _alternatives(self, depth: int) -> Part:
        if depth > _MAX_DEPTH:
            raise UnreadablePatternError("brackets too deep")
        around = Part(self.automaton.add(), self.automaton.add())
        while True:
            self.automaton.between(around.first, self._sequence(depth), around.last)
            if self._peek() != "|":
                return around
            self._position += 1

    def _sequence(self, depth: int) -> Part:
        start = last = self.automaton.add()
        while self._peek() not in {"", "|", ")", "$"}:
            run = _RUN.match(self._text, self._position)
            if run:
                self._position += len(run[0])
                last = self.automaton.literal(last, run[0])
                continue
            begin = self._position
            part = self._repeated(self._atom(depth), begin, depth)
            self.automaton.link(last, part.first)
            last = part.last
        return Part(start, last)

    def _atom(self, depth: int) -> Part:
        character = self._next()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self.automaton.reading(*self._set())
        if character == "\\":
            return self.automaton.reading(self._escaped())
        if character == ".":
            return self.automaton.reading(frozenset("\n"), excludes=True)
        if character in "*+?{^$":
            raise UnreadablePatternError(f"{character} where nothing stands before it")
        return self.automaton.reading(frozenset(character))

    def _group(self, depth: int) -> Part:
        if self._peek() == "?":
            if self._text[self._position : self._position + 2] != "?:":
                raise UnreadablePatternError("a group of an unknown kind")
            self._position += 2
        found = self._alternatives(depth + 1)
        if self._next() != ")":
            raise UnreadablePatternError("a bracket isn't closed")
        return found

    def _escaped(self) -> frozenset[str]:
        character = self._next()
        if character in _CLASSES:
            return _CLASSES[character]
        if not character or character in _UNREADABLE_ESCAPES:
            raise UnreadablePatternError("an unknown escape")
        return frozenset({"n": "\n", "t": "\t"}.get(character, character))

    def _set(self) -> tuple[frozenset[str], bool]:
        excludes = self._peek() == "^"
        self._position += excludes
        found: set[str] = set()
        while (character := self._next()) != "]" or not found:
            if character in {"", "]", "["}:
                raise UnreadablePatternError("a set isn't closed")
            members = self._escaped() if character == "\\" else frozenset(character)
            if self._peek() == "-" and self._text[self._position + 1 : self._position + 2] not in {"]", ""}:
                self._position += 1
                members = self._between(members)
            found |= members
        return frozenset(found), excludes

    def _between(self, first: frozenset[str]) -> frozenset[str]:
        character = self._next()
        last = self._escaped() if character == "\\" else frozenset(character)
        if len(first) != 1 or len(last) != 1:
            raise UnreadablePatternError("a range of sets")
        low, high = ord(*first), ord(*last)
        if not low <= high < 128:  # noqa: PLR2004 - names of modules are ASCII
            raise UnreadablePatternError("a range that isn't ASCII")
        return frozenset(map(chr, range(low, high + 1)))

    def _repeated(self, part: Part, begin: int, depth: int) -> Part:
        sign = self._peek()
        if sign in {"*", "+", "?"} and sign:
            self._position += 1
            part = self.automaton.looped(part, may_skip=sign != "+", may_repeat=sign != "?")
        elif sign == "{":
            part = self._counted(part, begin, depth)
        else:
            return part
        if self._peek() == "?":  # lazy: the same names match
            self._position += 1
        if self._peek() in {"*", "+", "?", "{"} and self._peek():
            raise UnreadablePatternError("two repetitions side by side")
        return part

    def _counted(self, part: Part, begin: int, depth: int) -> Part:
        atom_end = self._position
        closing = self._text.find("}", self._position, self._position + 8)
        low, comma, high = self._text[self._position + 1 : closing].partition(",")
        least, most = _count(low), _count(high) if comma else _count(low)
        if closing == -1 or most < max(least, 1):
            raise UnreadablePatternError("an unknown count")
        start, last = part if least else self.automaton.looped(part, may_skip=True, may_repeat=False)
        for number in range(1, most):
            self._position = begin
            copy = self._atom(depth)
            if self._position != atom_end:
                raise UnreadablePatternError("an unknown count")
            if number >= least:
                copy = self.automaton.looped(copy, may_skip=True, may_repeat=False)
            self.automaton.link(last, copy.first)
            last = copy.last
        self._position = closing + 1
        return Part(start, last)


def _count(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or int(digits) > _MAX_COUNT:
        raise UnreadablePatternError("an unknown count")
    return int(digits)
