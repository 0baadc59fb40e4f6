r"""Patterns of module names, matched in linear time: a config is written by anyone, and `re` may never come back.

The language is the one that lists in released configs use: literal characters, escapes (`\.`, `\d`, `\w`), `.`, sets
(`[0-9]`), groups, alternatives, `*`, `+`, `?`, small counts (`{1,3}`), and anchors at the two ends. A pattern becomes a
nondeterministic automaton whose states are all followed at once: a name of n characters takes at most n steps of as
many states as the pattern has, whatever the pattern. Source: K. Thompson, Regular Expression Search Algorithm,
Communications of the ACM 11 (1968).
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_STATES: Final = 300
"""States of one pattern; the longest in released configs needs about 120."""

_MAX_STEPS: Final = 1_000
_MAX_WORK_FOR_DIGITS: Final = 2_000
_MAX_DEPTH: Final = 20
_MAX_COUNT: Final = 20
_CLASSES: Final = {
    "d": frozenset(string.digits),
    "w": frozenset(string.ascii_letters + string.digits + "_"),
    "s": frozenset(string.whitespace),
}
_RUN: Final = re.compile(r"[\w-]+(?![*+?{])")
_UNREADABLE_ESCAPES: Final = frozenset(string.ascii_letters + string.digits) - {"n", "t"}


class UnreadablePatternError(ValueError):
    """The pattern is outside the language, or too large."""


class _State(NamedTuple):
    """A state of the automaton: reads one of `characters` and goes on to the next state, or only goes on."""

    reads: bool
    characters: frozenset[str]
    targets: list[int]
    excludes: bool = False

    def takes(self, character: str) -> bool:
        return (character in self.characters) is not self.excludes


class _Read(NamedTuple):
    """What comes of reading a piece of a name: the states after it, and whether the pattern was complete on the way."""

    states: frozenset[int]
    accepts: bool
    accepts_at_boundary: bool


@dataclass(frozen=True)
class Pattern:
    """A pattern that is matched from the start of a name.

    Attributes:
        states: The automaton; the first state is the start.
        end: The state in which a match is complete.
        whole_end: The state in which it is where the name ends there, too (`$`).
        work: One number, which grows with what is done; so that a list of patterns can be given up.
    """

    states: tuple[_State, ...] = field(repr=False)
    end: int
    whole_end: int
    work: list[int] = field(default_factory=lambda: [0], repr=False, compare=False)
    _steps: dict[tuple[frozenset[int], str], frozenset[int]] = field(default_factory=dict, repr=False, compare=False)
    _pieces: dict[tuple[frozenset[int], str], _Read] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, text: str) -> Pattern:
        r"""The pattern that `re.match` would look for.

        Raises:
            UnreadablePatternError: It is outside the language, or has too many states.

        Example:
            >>> pattern = Pattern.of(r"model\.layers\.\d+\.mlp\.gate$")
            >>> pattern.matches("model.layers.17.mlp.gate"), pattern.matches("model.layers.17.mlp.gate_proj")
            (True, False)
        """
        parser = _Parser(text)
        start, end, whole_end = parser.parse()
        return cls((_State(reads=False, characters=frozenset(), targets=[start]), *parser.states), end, whole_end)

    def matches(self, name: str) -> bool:
        """Whether the name begins with the pattern, or is it where the pattern says so."""
        return self.fits((name,))

    def fits(self, pieces: Sequence[str], *, needs_boundary: bool = False) -> bool:
        """Whether a name begins with the pattern.

        Args:
            pieces: The name, cut behind its dots: names are made of few different pieces, and each is read once.
            needs_boundary: Whether the match must end beside a dot, or where the name does.
        """
        current = self._start
        for piece in pieces:
            found = self._pieces.get((current, piece))
            if found is None:
                found = self._read(current, piece)
            current, accepts, accepts_at_boundary = found
            if accepts_at_boundary or (accepts and not needs_boundary):
                return True
            if not current:
                return False
        return self.end in current or self.whole_end in current

    @property
    def is_blind_to_digits(self) -> bool:
        """Whether every state takes all digits or none, and any number of them: layers are all the same to it.

        False where it takes long to tell.
        """
        digits, limit = _CLASSES["d"], self.work[0] + _MAX_WORK_FOR_DIGITS
        for state in self.states:
            if not state.reads:
                continue
            taken = len(digits - state.characters if state.excludes else digits & state.characters)
            if taken not in {0, len(digits)} or (taken and not self._repeats(state)) or self.work[0] > limit:
                return False
        return True

    def _repeats(self, state: _State) -> bool:
        """Whether a state can be reached from itself."""
        return any(self.states[index] is state for index in self._closed(state.targets))

    @cached_property
    def _start(self) -> frozenset[int]:
        return frozenset(self._closed([0]))

    def _read(self, start: frozenset[int], piece: str) -> _Read:
        """The states after a piece of a name, and where in it the pattern is complete; remembered."""
        current, accepts, accepts_at_boundary = start, False, False
        for position, character in enumerate(piece):
            if self.end in current:
                accepts = True
                accepts_at_boundary |= character == "." and position == len(piece) - 1
            current = self._step(current, character)
        if self.end in current:
            accepts = True
            accepts_at_boundary |= piece.endswith(".")
        if len(self._pieces) >= _MAX_STEPS:
            self._pieces.clear()
        found = self._pieces[start, piece] = _Read(current, accepts, accepts_at_boundary)
        return found

    def _step(self, current: frozenset[int], character: str) -> frozenset[int]:
        """The states after a character, remembered."""
        found = self._steps.get((current, character))
        if found is None:
            if len(self._steps) >= _MAX_STEPS:
                self._steps.clear()
            self.work[0] += len(current)
            reading = (self.states[index] for index in current if self.states[index].reads)
            targets = [state.targets[0] for state in reading if state.takes(character)]
            found = self._steps[current, character] = frozenset(self._closed(targets))
        self.work[0] += 1
        return found

    def _closed(self, indexes: list[int]) -> set[int]:
        """These states and those that they reach without reading."""
        found, pending = set(indexes), list(indexes)
        while pending:
            state = self.states[pending.pop()]
            if not state.reads:
                new = [target for target in state.targets if target not in found]
                found.update(new)
                pending += new
        self.work[0] += 2 * len(found)
        return found


class _Parser:
    """Reads a pattern into states, numbered from 1."""

    def __init__(self, text: str) -> None:
        self._text, self._position = text, 0
        self.states: list[_State] = []

    def parse(self) -> tuple[int, int, int]:
        """The states at which it starts, ends, and ends where the name does."""
        start, end, whole_end = (self._add(reads=False) for _ in range(3))
        while True:
            if self._peek() == "^":
                self._position += 1
            first, last = self._sequence(0)
            is_whole = self._peek() == "$"
            self._position += is_whole
            self._link(start, first)
            self._link(last, whole_end if is_whole else end)
            if self._peek() != "|":
                break
            self._position += 1
        if self._position < len(self._text):
            raise UnreadablePatternError("it goes on where it should end")
        return start, end, whole_end

    def _add(self, *, reads: bool, characters: frozenset[str] = frozenset(), excludes: bool = False) -> int:
        if len(self.states) >= MAX_STATES:
            raise UnreadablePatternError("too many states")
        self.states.append(_State(reads, characters, [], excludes))
        return len(self.states)

    def _link(self, source: int, target: int) -> None:
        self.states[source - 1].targets.append(target)

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _next(self) -> str:
        character = self._peek()
        self._position += 1
        return character

    def _alternatives(self, depth: int) -> tuple[int, int]:
        if depth > _MAX_DEPTH:
            raise UnreadablePatternError("brackets too deep")
        start, end = self._add(reads=False), self._add(reads=False)
        while True:
            first, last = self._sequence(depth)
            self._link(start, first)
            self._link(last, end)
            if self._peek() != "|":
                return start, end
            self._position += 1

    def _sequence(self, depth: int) -> tuple[int, int]:
        start = last = self._add(reads=False)
        while self._peek() not in {"", "|", ")", "$"}:
            run = _RUN.match(self._text, self._position)
            if run:
                last = self._literal(last, run[0])
                continue
            begin = self._position
            part = self._repeated(self._atom(depth), begin, depth)
            self._link(last, part[0])
            last = part[1]
        return start, last

    def _literal(self, last: int, text: str) -> int:
        """Characters in a row, each read by one state; the state after them."""
        self._position += len(text)
        for character in text:
            state = self._add(reads=True, characters=frozenset(character))
            self._link(last, state)
            last = state
        end = self._add(reads=False)
        self._link(last, end)
        return end

    def _atom(self, depth: int) -> tuple[int, int]:
        character = self._next()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._reading(*self._set())
        if character == "\\":
            return self._reading(self._escaped())
        if character == ".":
            return self._reading(frozenset("\n"), excludes=True)
        if character in "*+?{^$":
            raise UnreadablePatternError(f"{character} where nothing stands before it")
        return self._reading(frozenset(character))

    def _reading(self, characters: frozenset[str], excludes: bool = False) -> tuple[int, int]:  # noqa: FBT001, FBT002 - of a set
        state, end = self._add(reads=True, characters=characters, excludes=excludes), self._add(reads=False)
        self._link(state, end)
        return state, end

    def _group(self, depth: int) -> tuple[int, int]:
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

    def _repeated(self, part: tuple[int, int], begin: int, depth: int) -> tuple[int, int]:
        sign = self._peek()
        if sign in {"*", "+", "?"} and sign:
            self._position += 1
            part = self._looped(part, may_skip=sign != "+", may_repeat=sign != "?")
        elif sign == "{":
            part = self._counted(part, begin, depth)
        else:
            return part
        if self._peek() == "?":  # lazy: the same names match
            self._position += 1
        if self._peek() in {"*", "+", "?", "{"} and self._peek():
            raise UnreadablePatternError("two repetitions side by side")
        return part

    def _looped(self, part: tuple[int, int], *, may_skip: bool, may_repeat: bool) -> tuple[int, int]:
        start, end = self._add(reads=False), self._add(reads=False)
        self._link(start, part[0])
        self._link(part[1], end)
        if may_skip:
            self._link(start, end)
        if may_repeat:
            self._link(part[1], part[0])
        return start, end

    def _counted(self, part: tuple[int, int], begin: int, depth: int) -> tuple[int, int]:
        atom_end = self._position
        closing = self._text.find("}", self._position, self._position + 8)
        low, comma, high = self._text[self._position + 1 : closing].partition(",")
        least, most = _count(low), _count(high) if comma else _count(low)
        if closing == -1 or most < max(least, 1):
            raise UnreadablePatternError("an unknown count")
        start, last = part if least else self._looped(part, may_skip=True, may_repeat=False)
        for number in range(1, most):
            self._position = begin
            copy = self._atom(depth)
            if self._position != atom_end:
                raise UnreadablePatternError("an unknown count")
            if number >= least:
                copy = self._looped(copy, may_skip=True, may_repeat=False)
            self._link(last, copy[0])
            last = copy[1]
        self._position = closing + 1
        return start, last


def _count(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or int(digits) > _MAX_COUNT:
        raise UnreadablePatternError("an unknown count")
    return int(digits)


_GLOB: Final = {
    **{ord(sign): f"\\{sign}" for sign in string.punctuation if sign not in "_-"},
    ord("*"): ".*",
    ord("?"): ".",
}


def regex_of_glob(glob: str) -> str:
    r"""The pattern of a shell glob: `*` is anything, `?` one character, `[12]` and `[!1-3]` are one of some.

    Example:
        >>> regex_of_glob("model.layers.0*"), regex_of_glob("*.[!12].mlp")
        ('model\\.layers\\.0.*$', '.*\\.[^12]\\.mlp$')
    """
    found: list[str] = []
    place = 0
    while True:
        start = glob.find("[", place)
        end = glob.find("]", start + 2) if start != -1 else -1
        if end == -1:
            return "".join((*found, glob[place:].translate(_GLOB), "$"))
        listed = glob[start + 1 : end].replace("\\", "\\\\")
        members = f"[^{listed[1:]}]" if listed.startswith("!") else f"[{listed}]"
        found += [glob[place:start].translate(_GLOB), members]
        place = end + 1
