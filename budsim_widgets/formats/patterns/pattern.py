r"""Patterns of module names, matched in linear time: a config is written by anyone, and `re` may never come back.

The language is the one that lists in released configs use: literal characters, escapes (`\.`, `\d`, `\w`), `.`, sets
(`[0-9]`), groups, alternatives, `*`, `+`, `?`, small counts (`{1,3}`), and anchors at the two ends. A pattern becomes a
nondeterministic automaton whose states are all followed at once: a name of n characters takes at most n steps of as
many states as the pattern has, whatever the pattern. Source: K. Thompson, Regular Expression Search Algorithm,
Communications of the ACM 11 (1968).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.patterns.parser import DIGITS, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.formats.patterns.automaton import State

MAX_PATTERNS: Final = 2_000
"""Patterns of a list that are read; released ones have a few hundred."""

_MAX_STEPS: Final = 1_000
_MAX_WORK_FOR_DIGITS: Final = 2_000


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

    states: tuple[State, ...] = field(repr=False)
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
        return cls(*parse(text))

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
        digits, limit = DIGITS, self.work[0] + _MAX_WORK_FOR_DIGITS
        for state in self.states:
            if not state.reads:
                continue
            taken = len(digits - state.characters if state.excludes else digits & state.characters)
            if taken not in {0, len(digits)} or (taken and not self._repeats(state)) or self.work[0] > limit:
                return False
        return True

    def _repeats(self, state: State) -> bool:
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
