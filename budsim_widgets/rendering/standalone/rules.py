"""The rules of the style sheet that can be said of a single element."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.rendering.standalone.declarations import declarations
from budsim_widgets.rendering.styles import rules_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMPOUND: Final = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)*)(::before)?")


class Element(NamedTuple):
    """An element that is open, as selectors see it."""

    name: str
    classes: frozenset[str]


class Rule(NamedTuple):
    """A selector of elements, classes and descent, and what it sets."""

    path: tuple[tuple[str, frozenset[str]], ...]
    is_before: bool
    specificity: tuple[int, int]
    declarations: dict[str, str]


@cache
def rules() -> tuple[Rule, ...]:
    """The rules that can be said of a single element, the weaker ones first."""
    found = [
        rule
        for selectors, body in _blocks(_COMMENT.sub("", rules_text()))
        for selector in selectors.split(",")
        if (rule := _rule(selector, declarations(body))) is not None
    ]
    return tuple(sorted(found, key=lambda rule: rule.specificity))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and what they set; not what stands inside of `@media` and the like."""
    depth = start = opened = 0
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            opened = brace.end() if depth == 0 else opened
            depth += 1
            continue
        depth -= 1
        if depth == 0:
            selectors = text[start : opened - 1].strip()
            start = brace.end()
            if not selectors.startswith("@"):
                yield selectors, text[opened : brace.start()]


def _rule(selector: str, declarations: dict[str, str]) -> Rule | None:
    parts = [_COMPOUND.fullmatch(part) for part in selector.split()]
    if not parts or not all(parts):
        return None
    path = tuple((part[1] or "", frozenset(filter(None, part[2].split(".")))) for part in parts if part)
    weight = (sum(len(classes) for _, classes in path), sum(bool(name) for name, _ in path))
    return Rule(path, bool(parts[-1] and parts[-1][3]), weight, declarations)


def matches(rule: Rule, opened: list[Element]) -> bool:
    """Whether a rule is said of the last of the elements that are open."""
    *above, last = rule.path
    if not _is(opened[-1], last):
        return False
    left = len(opened) - 2
    for wanted in reversed(above):
        while left >= 0 and not _is(opened[left], wanted):
            left -= 1
        if left < 0:
            return False
        left -= 1
    return True


def _is(element: Element, wanted: tuple[str, frozenset[str]]) -> bool:
    name, classes = wanted
    return (not name or name == element.name) and classes <= element.classes
