"""Sentences recognised by what they were made from.

A note of the calculator or the message of an error is made where no language is known, and goes into JSON as well. So
what a person reads of it is found by its template: `Each further token of a sequence adds {size} to the cache.`
"""

from __future__ import annotations

import re
from heapq import merge
from operator import itemgetter
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_EDGE_CHARACTERS: Final = 8
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


class Template(NamedTuple):
    """A sentence with places for values.

    Attributes:
        key: As it stands in the catalogue.
        literals: The texts before, between and after the places; one more than there are places.
        names: What stands in the places.
    """

    key: str
    literals: tuple[str, ...]
    names: tuple[str, ...]

    def values_in(self, text: str) -> dict[str, str] | None:
        """What stands in the places of a text that was made from this; None where it wasn't.

        Each text between two places is looked for once, so that the time is that of reading the text.

        Example:
            >>> template_of("{model} has {count} layers.").values_in("org/m has 32 layers.")
            {'model': 'org/m', 'count': '32'}
        """
        first, *between, last = self.literals
        if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
            return None
        at, end, values = len(first), len(text) - len(last), []
        for literal in between:
            found = text.find(literal, at, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(literal)
        values.append(text[at:end])
        return dict(zip(self.names, values, strict=True))


def template_of(key: str) -> Template:
    """A sentence of a catalogue, taken apart.

    Example:
        >>> template_of("{model} has {count:,} layers.").literals
        ('', ' has ', ' layers.')
    """
    literals, names = [""], []
    for text, name, _, _ in Formatter().parse(key):
        literals[-1] += text
        if name is not None:
            names.append(name)
            literals.append("")
    return Template(key, tuple(literals), tuple(names))


def _edge_of(template: Template) -> str:
    """What every text of it begins or ends with, so that few templates are tried; nothing where that is too short.

    Example:
        >>> _edge_of(template_of("Choose one of {names}.")), _edge_of(template_of("{model} has no config.json."))
        ('Choose o…', '…ig.json.')
    """
    first, last = template.literals[0], template.literals[-1]
    if len(first) >= _EDGE_CHARACTERS:
        return f"{first[:_EDGE_CHARACTERS]}…"
    return f"…{last[-_EDGE_CHARACTERS:]}" if len(last) >= _EDGE_CHARACTERS else ""


class Templates:
    """The templates of a language.

    Args:
        keys: The English sentences.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        made = [template_of(key) for key in keys]
        self._plain = {one.literals[0]: one.key for one in made if not one.names}
        # One that is all places would fit everything. The most particular is tried first.
        usable = (one for one in made if one.names and any(map(_LETTERS.search, one.literals)))
        self._by_edge: dict[str, list[tuple[int, Template]]] = {}
        for rank, one in enumerate(sorted(usable, key=lambda one: -sum(map(len, one.literals)))):
            self._by_edge.setdefault(_edge_of(one), []).append((rank, one))

    def find(self, text: str) -> tuple[str, Mapping[str, str]] | None:
        """The key of the template that a text was made from, with the values in it."""
        if text in self._plain:
            return self._plain[text], {}
        beginning, end = f"{text[:_EDGE_CHARACTERS]}…", f"…{text[-_EDGE_CHARACTERS:]}"
        candidates = (self._by_edge.get(edge, ()) for edge in (beginning, end, ""))
        for _, template in merge(*candidates, key=itemgetter(0)):
            values = template.values_in(text)
            if values is not None:
                return template.key, values
        return None


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """A sentence with texts in its places; they were formatted already: `{count:,}` takes "8,192" as it is.

    Example:
        >>> fill("{count:,} tokens", {"count": "8,192"})
        '8,192 tokens'
    """
    return _TEXTS.vformat(sentence, (), values)


class _TextFormatter(Formatter):
    def format_field(self, value: Any, _: str) -> str:
        return str(value)


_TEXTS: Final = _TextFormatter()
