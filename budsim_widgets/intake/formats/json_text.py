"""JSON, strictly: no NaN, no endless numbers, no key twice with different values."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.limits import MAX_DEPTH, MAX_DIGITS, MAX_FLOAT_CHARACTERS, too_deep
from budsim_widgets.intake.plain import not_finite, number_too_long
from budsim_widgets.intake.wording import show_line, show_name

if TYPE_CHECKING:
    from collections.abc import Callable

_CUT_WORDS: Final = r"(?:[tT](?:ru?)?|[fF](?:a(?:ls?)?)?|n(?:ul?)?|N(?:on?)?|-|\.|[eE][+-]?)\Z"
"""What is left of a value that is cut off."""

_PASTE_CONFIG: Final = "Paste the model's config.json, from the first { to the last }."
_PASTE_ALL: Final = "Copy the whole file, from the first { to the last }, and paste it again."


class Parsed(NamedTuple):
    """The value that a text holds, how it was written, and what was done to read it."""

    value: Any
    format: str
    repairs: tuple[str, ...] = ()


def parse_json(text: str, original: str | None = None) -> Any:
    """The value that a JSON text holds.

    Args:
        text: JSON.
        original: What the person sees, line by line, where the JSON was made from it.

    Raises:
        ConfigError: NOT_JSON or TRUNCATED with the line; DUPLICATE_KEY, NON_FINITE, TOO_LARGE (a number), TOO_DEEP.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_parse_int,
            parse_float=_parse_float,
            parse_constant=_parse_constant,
        )
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error, original or text) from None
    except _BadNumberError as error:
        raise error.describe(_line_of(error.digits, text)) from None
    except RecursionError:
        raise too_deep() from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    first: dict[str, Any] = {}
    for key, value in pairs:
        if key in first and not _is_same(first[key], value):
            raise ConfigError(
                "DUPLICATE_KEY",
                f"{show_name(key)} stands there twice, with different values.",
                next_step="Remove the wrong one.",
                field=key,
            )
        first.setdefault(key, value)
    return first


def _is_same(first: Any, second: Any) -> bool:
    """Whether two values are the same in JSON; in Python, 1 == True and 1 == 1.0."""
    if isinstance(first, (dict, list)):
        return json.dumps(first) == json.dumps(second)
    return type(first) is type(second) and first == second


class _BadNumberError(Exception):
    """A number that isn't read, and what says so once it is known where it stands."""

    def __init__(self, digits: str, describe: Callable[[int | None], ConfigError]) -> None:
        super().__init__()
        self.digits = digits
        self.describe = describe


def _parse_int(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        what = f"a whole number of {len(digits):,} digits; at most {MAX_DIGITS} are read"
        raise _BadNumberError(digits, lambda line: number_too_long(what, line=line))
    return int(digits)


def _parse_float(digits: str) -> float:
    if len(digits) > MAX_FLOAT_CHARACTERS:
        what = f"a number of {len(digits):,} characters; at most {MAX_FLOAT_CHARACTERS} are read"
        raise _BadNumberError(digits, lambda line: number_too_long(what, line=line))
    value = float(digits)
    if not math.isfinite(value):
        raise _BadNumberError(digits, lambda line: not_finite(digits, line=line))
    return value


def _parse_constant(name: str) -> float:
    if name == "NaN":
        raise _BadNumberError(name, lambda line: not_finite(name, line=line))
    # Where an infinity may stand is decided by `plain_copy`, which knows the field.
    return float(name)


def _line_of(digits: str, text: str) -> int | None:
    """The line of a number; the parser doesn't tell, but it stands there as it was handed over."""
    found = re.search(rf"(?<![\w.+\"-]){re.escape(digits)}(?![\w.\"])", text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _syntax_error(text: str, error: json.JSONDecodeError, original: str) -> ConfigError:
    # Newer Pythons read deeper before they give up.
    if _depth(text[: error.pos]) > MAX_DEPTH:
        return too_deep()
    line = original.split("\n")[error.lineno - 1]
    place = f"Line {error.lineno}, column {error.colno}"
    shown = f"The line reads `{show_line(line, error.colno)}`."
    if _is_cut_off(text, error):
        message = f"The text ends too early: the copy was cut off at line {error.lineno}. {shown}"
        return ConfigError("TRUNCATED", message, next_step=_PASTE_ALL, line=error.lineno)
    reason, next_step = _reason(text, error)
    return ConfigError("NOT_JSON", f"{place}: {reason}. {shown}", next_step=next_step, line=error.lineno)


def _depth(text: str) -> int:
    """How many lists and objects are open at the end of a text."""
    outside = re.sub(r'(?s)"(?:[^"\\]|\\.?)*(?:"|\Z)', "", text)
    return sum(outside.count(bracket) for bracket in "[{") - sum(outside.count(bracket) for bracket in "]}")


def _is_cut_off(text: str, error: json.JSONDecodeError) -> bool:
    """Whether more text could have made it JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    rest = text[error.pos :].strip()
    return (
        not rest
        or error.msg.startswith("Unterminated string")
        or bool(re.match(_CUT_WORDS, rest))
        or _is_cut_escape(rest)
    )


def _is_cut_escape(rest: str) -> bool:
    return re.fullmatch(r"\\?(?:u[0-9a-fA-F]{0,3})?", rest) is not None


def _reason(text: str, error: json.JSONDecodeError) -> tuple[str, str]:
    """What is wrong there, and how to mend it, told by what stands at that place."""
    rest = text[error.pos : error.pos + 8]
    if not text[: error.pos].strip() and rest[:1] not in {"{", "["}:
        return "a config begins with {, and this doesn't", _PASTE_CONFIG
    if error.msg.startswith("Extra data"):
        return _extra_data(text, rest)
    if text[error.pos - 1 : error.pos].isdecimal() and rest[:1].isalnum():
        return "the number isn't written in decimal digits", "Write it as 4096, 0.5 or 1e-5."
    answers = (
        *(answer for pattern, answer in _READ_OFF.items() if re.match(pattern, rest)),
        *(answer for start, answer in _REASONS.items() if error.msg.startswith(start)),
    )
    return next(iter(answers), ("this is no JSON", _PASTE_ALL))


def _extra_data(text: str, rest: str) -> tuple[str, str]:
    begins = text.lstrip().startswith("{")
    if begins and rest[:1] in {",", "}", "]"}:
        return "the config ends before this, so that a closing bracket is too many", "Remove that bracket."
    if not begins and rest[:1] in {":", ","}:
        return "the opening { is missing: the copy begins too late", _PASTE_ALL
    return "more text follows after the end of the config", "Paste one config.json and nothing else."


_COMMA_TOO_MANY: Final = (
    "something is missing before this, or a comma is too many",
    "Remove the last comma before the bracket.",
)
_READ_OFF: Final = {
    r"[}\]]": _COMMA_TOO_MANY,
    r"[*+/%]|-\s": ("expressions aren't calculated", "Put the result in its place."),
    "[\u201c-\u201f\u2018-\u201b]": ("a curly quote stands where a straight one belongs", 'Replace “ and ” by ".'),
}
"""How the rest of the text begins, and what is wrong and to be done then."""

_REASONS: Final = {
    "Illegal trailing comma": _COMMA_TOO_MANY,
    "Expecting ','": ("a comma is missing before this", "Put a comma between two fields."),
    "Expecting ':'": ("a colon is missing before this", 'A field reads "name": value.'),
    "Expecting property name": ("a field's name is missing", 'A field reads "name": value.'),
    "Expecting value": (
        "here a value was expected, and this is none",
        "Put a number, a text in quotes, true, false or null in its place.",
    ),
    "Invalid control": ("a line ends inside of quotes", "Put the closing quote where it belongs."),
    "Invalid \\": ("a backslash stands where none may", r"Write \\ for a backslash inside of quotes."),
}
