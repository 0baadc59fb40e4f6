"""Modules that a quantized model leaves as they are, as configs list them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.patterns import Pattern, UnreadablePatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_MATCHES: Final = 10_000
"""Matches of one pattern with one name that a list may cost: about 50 ms."""

MAX_NAMES: Final = 20_000
"""Names of single layers' modules that are looked at."""

MAX_STATES: Final = 10_000
"""States of all patterns of a list together; what comes after them isn't read."""

_REGEX_PREFIX: Final = "re:"
_SIGNS: Final = re.compile(r"[\\*+?\[\](){}|^$]")
_ESCAPED_DOT: Final = "\\."
_LITERAL: Final = re.compile(r"(?:[\w-]|\\\.)+")
_LAST_CHARACTER: Final = chr(0x10FFFF)


class _Listed(NamedTuple):
    """A pattern of a list.

    Attributes:
        start: The characters with which every match begins.
        pattern: What a name must match; None: whatever begins so.
        needs_boundary: Whether the match must end at a dot or with the name.
    """

    start: str
    pattern: Pattern | None
    needs_boundary: bool

    def fits(self, name: str) -> bool:
        """Whether a name that begins with `start` is meant."""
        if self.pattern is None:
            return True
        if not self.needs_boundary:
            return self.pattern.matches(name)
        return any(end == len(name) or "." in name[max(end - 1, 0) : end + 1] for end in self.pattern.ends(name))

    @property
    def names_single_layers(self) -> bool:
        """Whether it can mean one layer and not another."""
        return _has_digit(self.start) or (self.pattern is not None and not self.pattern.is_blind_to_digits)


@dataclass(frozen=True)
class SkipModules:
    """A list of modules that stay as they are.

    A plain name matches a module from the start up to a dot, or as its ending; with signs of a regular expression it is
    one, matched from the start up to a dot; behind `re:` it is one that is matched from the start. Source:
    `should_convert_module` of transformers 5.24, `match_name` of compressed-tensors 0.20.

    Attributes:
        endings: The plain names.
        patterns: The others.
        unreadable: Patterns outside the language of `formats.patterns`, or too many of them: they match nothing.
    """

    endings: frozenset[str]
    patterns: tuple[_Listed, ...]
    unreadable: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> SkipModules:
        """The list of these names.

        Example:
            >>> SkipModules.of(["lm_head", "re:.*gate$", "re:(?=a)b"]).unreadable
            ('re:(?=a)b',)
        """
        listed = tuple(dict.fromkeys(names))
        endings = frozenset(name.removesuffix(".weight") for name in listed if not name.startswith(_REGEX_PREFIX))
        patterns, unreadable, states = [], [], 0
        for name in listed:
            if not _SIGNS.search(name):
                continue
            found = _read(name) if states < MAX_STATES else None
            if found is None:
                unreadable.append(name)
            else:
                patterns.append(found)
                states += len(found.pattern.states) if found.pattern else 0
        return cls(endings, tuple(patterns), tuple(unreadable))

    @cached_property
    def names_single_layers(self) -> bool:
        """Whether an entry can mean one layer and not another."""
        return any(map(_has_digit, self.endings)) or any(listed.names_single_layers for listed in self.patterns)

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(name) for name in self.endings}))

    def match(self, module_name: str) -> bool:
        """Whether the module of this full name stays as it is."""
        return module_name in self.matched([(module_name,)])[0]

    def matched(self, kinds: Sequence[tuple[str, ...]]) -> tuple[frozenset[str], bool]:
        """Those of these modules that stay as they are, and whether all patterns could be looked at.

        Args:
            kinds: The full names of modules; those of one kind differ in their layer's index alone.

        The work is bounded: plain names are looked up; a pattern to which all layers are the same is tried on one name
        of each kind, another one on the names that begin as it does.
        """
        found = {name for names in kinds for name in names if self._is_listed(name)}
        ordered = sorted({name for names in kinds for name in names} - found)
        matches = 0
        for listed in self.patterns:
            if listed.names_single_layers:
                first, last = bisect_left(ordered, listed.start), bisect_left(ordered, listed.start + _LAST_CHARACTER)
                tried: list[tuple[str, ...]] = [(name,) for name in ordered[first:last]]
            else:
                tried = [names for names in kinds if names and names[0].startswith(listed.start)]
            matches += len(tried)
            if matches > MAX_MATCHES:
                return frozenset(found), False
            found.update(name for names in tried if listed.fits(names[0]) for name in names)
        return frozenset(found), True

    def _is_listed(self, name: str) -> bool:
        if any(name[len(name) - length :] in self.endings for length in self._lengths if length <= len(name)):
            return True
        dot = name.find(".")
        while dot != -1:
            if name[:dot] in self.endings or name[: dot + 1] in self.endings:
                return True
            dot = name.find(".", dot + 1)
        return False


def _read(name: str) -> _Listed | None:
    """An entry with signs of a pattern; None where it is outside the language."""
    text, needs_boundary = name.removeprefix(_REGEX_PREFIX), not name.startswith(_REGEX_PREFIX)
    start, rest = _literal_start(text)
    if rest in {".*", ".*$"} or (not rest and not needs_boundary):
        return _Listed(start, None, needs_boundary)
    try:
        return _Listed(start, Pattern.of(text), needs_boundary)
    except UnreadablePatternError:
        return None


def _literal_start(text: str) -> tuple[str, str]:
    """The characters with which every match of a pattern begins, and what comes after them."""
    rest = text.removeprefix("^")
    if "|" in rest:
        return "", rest
    literal = _LITERAL.match(rest)
    start = literal[0] if literal else ""
    if rest[len(start) : len(start) + 1] in {"*", "+", "?", "{"} and start:  # the last character is repeated
        start = start[:-2] if start.endswith(_ESCAPED_DOT) else start[:-1]
    return start.replace(_ESCAPED_DOT, "."), rest[len(start) :]


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
