"""Modules that a quantized model leaves as they are, as configs list them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.formats.module_index import ModuleIndex
from budsim_widgets.formats.patterns.automaton import MAX_STATES, UnreadablePatternError
from budsim_widgets.formats.patterns.pattern import MAX_PATTERNS, Pattern
from budsim_widgets.formats.plain_names import PlainNames
from budsim_widgets.formats.stars import Stars

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAMES: Final = 10_000
"""Names of single layers' modules that are looked at."""

MAX_CHARACTERS: Final = 3_000
"""Characters of all patterns of a list that become automata; what comes after them isn't read."""

_WORK_OF_A_MATCH: Final = 6

_REGEX_PREFIX: Final = "re:"
_SIGNS: Final = re.compile(r"[\\*+?\[\](){}|^$]")
_ESCAPED_DOT: Final = "\\."
_DIGIT: Final = re.compile(r"\d")
_LITERAL: Final = re.compile(r"(?:[\w-]|\\\.)+")


class _Listed(NamedTuple):
    """A pattern of a list.

    Attributes:
        start: The characters with which every match begins.
        pattern: What a name must match.
        needs_boundary: Whether the match must end at a dot or with the name.
        names_single_layers: Whether it can mean one layer and not another.
    """

    start: str
    pattern: Pattern | Stars
    needs_boundary: bool
    names_single_layers: bool

    def fits(self, name: str, pieces: tuple[str, ...]) -> bool:
        """Whether a name is meant, which is also given cut behind its dots."""
        if isinstance(self.pattern, Stars):
            return self.pattern.fits(name, needs_boundary=self.needs_boundary)
        return self.pattern.fits(pieces, needs_boundary=self.needs_boundary)

    @property
    def work(self) -> int:
        """What was done so far, beside the number of names."""
        return 0 if isinstance(self.pattern, Stars) else self.pattern.work[0]


@dataclass(frozen=True)
class SkipModules:
    """A list of modules that stay as they are.

    A plain name matches a module from the start up to a dot, or as its ending; with signs of a regular expression it is
    one, matched from the start up to a dot; behind `re:` it is one that is matched from the start. Source:
    `should_convert_module` of transformers 5.24, `match_name` of compressed-tensors 0.20.

    Attributes:
        plain: The plain names.
        patterns: The others.
        unreadable: Patterns outside the language of `formats.patterns`, or too many of them: they match nothing.
        characters: Those of the patterns that became automata, with those of earlier lists.
    """

    plain: PlainNames
    patterns: tuple[_Listed, ...]
    unreadable: tuple[str, ...]
    characters: int = 0

    @classmethod
    def of(cls, names: Iterable[str], *, characters: int = 0) -> SkipModules:
        """The list of these names.

        Args:
            names: What the list holds.
            characters: Those of patterns that were read for other lists of the same config.

        Example:
            >>> SkipModules.of(["lm_head", "re:.*gate$", "re:(?=a)b"]).unreadable
            ('re:(?=a)b',)
        """
        listed = tuple(dict.fromkeys(names))
        signed = [name for name in listed if _SIGNS.search(name) or name.startswith(_REGEX_PREFIX)]
        plain = PlainNames.of(name.removesuffix(".weight") for name in {*listed}.difference(signed))
        patterns: list[_Listed] = []
        unreadable = signed[MAX_PATTERNS:]
        for name in signed[:MAX_PATTERNS]:
            found = _stars(name)
            if found is None and characters < MAX_CHARACTERS:
                characters += min(len(name), MAX_STATES)
                found = _read(name)
            if found is None:
                unreadable.append(name)
            else:
                patterns.append(found)
        return cls(plain, tuple(patterns), tuple(unreadable), characters)

    @cached_property
    def names_single_layers(self) -> bool:
        """Whether an entry can mean one layer and not another."""
        return any(map(_DIGIT.search, (*self.plain.names, *self.plain.whole))) or any(
            listed.names_single_layers for listed in self.patterns
        )

    def match(self, module_name: str) -> bool:
        """Whether the module of this full name stays as it is."""
        return module_name in self.matched(ModuleIndex([(module_name,)]))[0]

    def matched(self, modules: ModuleIndex) -> tuple[set[str], bool]:
        """Those of these modules that are meant, and whether the whole list could be looked at.

        The work is bounded: plain names are looked up; a pattern to which all layers are the same is tried on one name
        of each kind, another one on the names that begin as it does. A list that comes after too much of it isn't
        looked at.
        """
        found = self.plain.matched(modules)
        is_whole = all(self._is_matched(listed, modules, found) for listed in self.patterns)
        modules.work += len(found)
        return found, is_whole and not modules.is_worn_out

    @staticmethod
    def _is_matched(listed: _Listed, modules: ModuleIndex, found: set[str]) -> bool:
        """Adds the modules that a pattern means; False where that takes too long."""
        if listed.names_single_layers:
            tried: Iterable[tuple[str, ...]] = ((name,) for name in modules.beginning(listed.start))
        else:
            tried = (names for names in modules.kinds if names and names[0].startswith(listed.start))
        modules.work += _WORK_OF_A_MATCH
        for names in tried:
            before = listed.work
            if listed.fits(names[0], modules.pieces(names[0])):
                found.update(names)
            modules.work += _WORK_OF_A_MATCH + listed.work - before
            if modules.is_worn_out:
                return False
        return not modules.is_worn_out


def _stars(name: str) -> _Listed | None:
    """An entry with no other sign of a pattern than `.*`."""
    pattern = Stars.of(name.removeprefix(_REGEX_PREFIX))
    if pattern is None:
        return None
    return _Listed(pattern.texts[0], pattern, not name.startswith(_REGEX_PREFIX), _DIGIT.search(name) is not None)


def _read(name: str) -> _Listed | None:
    """An entry with signs of a pattern; None where it is outside the language."""
    text, needs_boundary = name.removeprefix(_REGEX_PREFIX), not name.startswith(_REGEX_PREFIX)
    try:
        pattern = Pattern.of(text)
    except UnreadablePatternError:
        return None
    start = _literal_start(text)
    return _Listed(start, pattern, needs_boundary, bool(_DIGIT.search(start)) or not pattern.is_blind_to_digits)


def _literal_start(text: str) -> str:
    """The characters with which every match of a pattern begins."""
    rest = text.removeprefix("^")
    literal = _LITERAL.match(rest)
    if "|" in rest or not literal:
        return ""
    start = literal[0]
    if rest[len(start) : len(start) + 1] in {"*", "+", "?", "{"}:  # the last character is repeated
        start = start[:-2] if start.endswith(_ESCAPED_DOT) else start[:-1]
    return start.replace(_ESCAPED_DOT, ".")
