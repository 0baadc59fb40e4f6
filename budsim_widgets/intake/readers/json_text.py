"""JSON, strictly: no NaN, no endless numbers, no key twice with different values."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.limits import MAX_DIGITS, MAX_FLOAT_CHARACTERS, too_deep
from budsim_widgets.intake.plain import not_finite, number_too_long
from budsim_widgets.intake.readers.json_mistakes import syntax_error
from budsim_widgets.intake.wording import show_name

if TYPE_CHECKING:
    from collections.abc import Callable


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
        mistake = syntax_error(text, error, original or text)
    except _BadNumberError as error:
        mistake = error.describe(_line_of(error.digits, text))
    except RecursionError:
        mistake = too_deep()
    # Out here, so that the parser's own error, which carries the whole text, is not its context.
    raise mistake


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
    if len(digits) > MAX_DIGITS and len(digits.lstrip("-")) > MAX_DIGITS:
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
