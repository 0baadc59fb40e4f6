"""The regular expressions of the package, found in its source, and the texts that are worst for each."""

from __future__ import annotations

import ast
import re
import sys
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import budsim_widgets

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    from re import _constants as kinds  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_constants as kinds
    import sre_parse as parser

PACKAGE = Path(budsim_widgets.__file__).parent
METHODS = {"search", "match", "fullmatch", "sub", "findall", "finditer", "split"}
MAX_CHARACTERS = 14


class Expression(NamedTuple):
    """One expression of the package and how it is used."""

    place: str
    method: str
    pattern: re.Pattern[str]


def expressions() -> tuple[list[Expression], list[str]]:
    """Every expression, and the places of those whose text depends on more than their module's constants."""
    found: dict[tuple[str, int, str], Expression] = {}
    unresolved: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "re." in source:
            dotted = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
            _gather_calls(found, unresolved, path, source, vars(import_module(dotted)))
    return list(found.values()), sorted(unresolved)


def _gather_calls(
    found: dict[tuple[str, int, str], Expression], unresolved: set[str], path: Path, source: str, names: dict[str, Any]
) -> None:
    file = path.relative_to(PACKAGE).as_posix()
    for node in _calls(source):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        place = f"{file}: re.{method}({ast.unparse(node.args[0])[:50]})"
        try:
            text = eval(compile(ast.Expression(node.args[0]), "<pattern>", "eval"), names)  # noqa: S307 - the package's own source
            pattern = re.compile(text, _flags(node, names))
        except (NameError, AttributeError):
            unresolved.add(place)
            continue
        for used in {method} & METHODS or _inline_methods(ast.unparse(node), source):
            found[pattern.pattern, pattern.flags, used] = Expression(place, used, pattern)
    for name, pattern in _constants(names):
        for used in _methods_of(source, name):
            found[pattern.pattern, pattern.flags, used] = Expression(f"{file}: {name}", used, pattern)


def _calls(source: str) -> Iterator[ast.Call]:
    """The calls of functions of `re` that take an expression."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if is_of_re and node.func.attr in METHODS | {"compile", "escape"}:
                yield node


def _flags(node: ast.Call, names: dict[str, Any]) -> int:
    position = {"compile": 1, "search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2}.get(
        node.func.attr if isinstance(node.func, ast.Attribute) else "", 9
    )
    given = [*node.args[position : position + 1], *(word.value for word in node.keywords if word.arg == "flags")]
    return int(eval(compile(ast.Expression(given[0]), "<flags>", "eval"), names)) if given else 0  # noqa: S307 - the same


def _methods_of(source: str, name: str) -> set[str]:
    """How a compiled expression of this name is used in its module; search where that can't be seen."""
    return set(re.findall(rf"\b{re.escape(name)}\.({'|'.join(METHODS)})\b", source)) or {"search"}


def tabled() -> list[Expression]:
    """The expressions that stand as texts in tables, under the name of their module."""
    from budsim_widgets import access_tokens  # noqa: PLC0415 - with what it holds
    from budsim_widgets.intake import bounds, hints, tokens  # noqa: PLC0415 - the same
    from budsim_widgets.intake.readers import gguf_text, json_mistakes  # noqa: PLC0415 - the same

    tables: list[tuple[str, str, list[str]]] = [
        ("intake/bounds.py", "search", [pattern for pattern, _ in bounds._RULES]),
        ("intake/hints.py", "match", [known.pattern for known in hints._HINTS]),
        ("access_tokens.py: re.search", "search", [pattern for _, pattern in access_tokens._MASKED]),
        (
            "access_tokens.py: re.sub",
            "sub",
            [f"(?:{pattern}){access_tokens._REST}" for _, pattern in access_tokens._MASKED],
        ),
        ("intake/tokens.py", "search", [pattern for _, pattern in tokens._PATTERNS]),
        ("intake/readers/gguf_text.py: re.search", "search", [*gguf_text._TOKENS, *gguf_text._SHAPES]),
        (
            "intake/readers/gguf_text.py: re.finditer",
            "finditer",
            [rf"(?<![\w.-])(?P<key>(?:general|llama)\.[a-z][\w.]{{0,80}}){gguf_text._IS}{gguf_text._VALUE}"],
        ),
        ("intake/readers/json_mistakes.py: re.match", "match", list(json_mistakes._READ_OFF)),
        ("intake/readers/json_text.py: re.search", "search", [r"(?<![\w.+\"-])1e999(?![\w.\"])"]),
    ]
    return [Expression(place, method, re.compile(text)) for place, method, texts in tables for text in texts]


def _inline_methods(call: str, source: str) -> set[str]:
    """How `re.compile(…)` is used where it stands: nothing for a constant, which is found by its name."""
    return {method for method in METHODS if f"{call}.{method}" in source}


def _constants(names: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Compiled expressions among a module's constants, in tables too."""

    def walk(value: object) -> Iterator[re.Pattern[str]]:
        if isinstance(value, re.Pattern):
            yield value
        elif isinstance(value, tuple | list | frozenset | set):
            for item in value:
                yield from walk(item)
        elif isinstance(value, dict):
            for item in (*value, *value.values()):
                yield from walk(item)

    for name, value in list(names.items()):
        for pattern in walk(value):
            yield name, pattern


def worst_texts(pattern: re.Pattern[str], length: int) -> Iterator[tuple[str, str]]:
    """(what it is, a text of this length): runs of its characters, and its beginnings without an end."""
    characters = _characters(pattern)
    for character in characters:
        yield f"run of {character!r}", character * length
    for first, second in product(characters[:8], repeat=2):
        if first != second:
            yield f"run of {first + second!r}", (first + second) * (length // 2)
            yield f"{first!r} and a run of {second!r}", first + second * length
    sample = _sample(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    for end in range(1, len(sample)):
        start = sample[:end]
        yield f"repeated start {start!r}", (start * (length // len(start) + 1))[:length]
        for character in {start[-1], *characters[:6]}:
            yield f"{start!r} and a run of {character!r}", start + character * length
            block = start + character * 40
            yield f"repeated {start!r} with runs of {character!r}", (block * (length // len(block) + 1))[:length]


def _characters(pattern: re.Pattern[str]) -> list[str]:
    found = dict.fromkeys(" a1")
    _gather(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), found)
    return list(found)[:MAX_CHARACTERS]


def _gather(tree: Any, found: dict[str, None]) -> None:
    for kind, value in tree:
        if kind in {kinds.LITERAL, kinds.NOT_LITERAL}:
            found[chr(value)] = None
        elif kind is kinds.IN:
            found[_of_set(value)] = None
        elif isinstance(value, tuple | list | parser.SubPattern):
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, parser.SubPattern):
                    _gather(part, found)
                elif isinstance(part, list):
                    for one in part:
                        if isinstance(one, parser.SubPattern):
                            _gather(one, found)


def _of_set(items: Any) -> str:
    pattern = {kinds.CATEGORY_DIGIT: "1", kinds.CATEGORY_SPACE: " ", kinds.CATEGORY_WORD: "a"}
    excluded = any(kind is kinds.NEGATE for kind, _ in items)
    for kind, value in items:
        if excluded:
            return "a"
        if kind is kinds.LITERAL:
            return chr(value)
        if kind is kinds.RANGE:
            return chr(value[0])
        if kind is kinds.CATEGORY:
            return pattern.get(value, "-")
    return "a"


def _sample(tree: Any) -> str:
    """A text that the expression may match, each repetition taken once."""
    found = ""
    for kind, value in tree:
        if kind is kinds.LITERAL:
            found += chr(value)
        elif kind is kinds.IN:
            found += _of_set(value)
        elif kind in {kinds.ANY, kinds.NOT_LITERAL}:
            found += "a"
        elif kind in {kinds.MAX_REPEAT, kinds.MIN_REPEAT}:
            found += _sample(value[2]) * max(value[0], 1)
        elif kind is kinds.SUBPATTERN:
            found += _sample(value[-1])
        elif kind is kinds.BRANCH:
            found += _sample(value[1][0])
    return found[:200]
