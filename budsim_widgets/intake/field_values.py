"""Whether one field's value has the right JSON type and range."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.bounds import MAX_FLOAT, MAX_LIST_ITEMS, MAX_TEXT_CHARACTERS, bounds_of, max_items_of
from budsim_widgets.intake.wording import show, show_name

_LETTERS: Final = {bool: "b", int: "if", float: "f", str: "s", list: "l", dict: "d", type(None): "n"}
"""The letters of `data/defaults.json` that allow a value of each type."""

_WORDS: Final = {"b": "true or false", "s": "a text", "l": "a list", "d": "an object", "n": "null"}


def check_value(path: str, name: str, value: Any, letters: str) -> None:
    """Check a field's value against the JSON types that it may have, and against its range.

    Args:
        path: Where the field stands, for messages (`text_config.hidden_size`).
        name: The field's name, which tells its range.
        value: What stands there.
        letters: The JSON types that are allowed, as letters.

    Raises:
        ConfigError: FIELD_TYPE or FIELD_RANGE.
    """
    kind = type(value)
    if kind not in _types_of(letters):
        raise type_error(path, value, _expected(name, letters))
    if kind is int:
        bounds = bounds_of(name)
        if not bounds.low <= value <= bounds.high:
            raise _out_of_bounds(path, name, value)
    elif kind is float:
        _check_fraction(path, name, value)
    elif kind is str and len(value) > MAX_TEXT_CHARACTERS:
        raise range_error(path, f"a text of {len(value):,} characters", f"at most {MAX_TEXT_CHARACTERS:,}")
    elif kind is list:
        _check_list(path, name, value)


@cache
def _types_of(letters: str) -> frozenset[type]:
    """The JSON types that these letters of the table allow."""
    return frozenset(kind for kind, own in _LETTERS.items() if not set(own).isdisjoint(letters))


def type_error(path: str, value: Any, expected: str) -> ConfigError:
    """The error for a value of a wrong JSON type."""
    hint = ""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and "number" in expected:
        hint = "Remove the quotes around the number."
    message = f"{show_path(path)} is {show(value)}; expected {expected}."
    return ConfigError("FIELD_TYPE", message, next_step=hint or _AS_PUBLISHED, field=path)


def value_error(path: str, value: Any, expected: str) -> ConfigError:
    """The error for a text that is none of those which may stand there."""
    message = f"{show_path(path)} is {show(value)}; expected {expected}."
    return ConfigError("FIELD_VALUE", message, next_step=_AS_PUBLISHED, field=path)


def show_path(path: str) -> str:
    """Where a field stands, short and harmless."""
    return show_name(path)


_AS_PUBLISHED: Final = "Check the field, or paste the config.json as it is published."


def range_error(path: str, got: str, expected: str) -> ConfigError:
    """The error for a number, or a length, that can't be."""
    message = f"{show_path(path)} is {got}; expected {expected}."
    return ConfigError("FIELD_RANGE", message, next_step=_AS_PUBLISHED, field=path)


def _out_of_bounds(path: str, name: str, value: int) -> ConfigError:
    expected = f"a whole number {bounds_of(name)}"
    if name == "vocab_size" and value == -1:
        expected += " (-1 leaves it to the tokenizer: put in how many tokens that has; Llama 2's has 32,000)"
    return range_error(path, show(value), expected)


def _check_fraction(path: str, name: str, value: float) -> None:
    # Also false for NaN.
    if not abs(value) <= MAX_FLOAT:
        raise range_error(path, show(value), f"a number of at most {MAX_FLOAT:,.0f}")
    if name.endswith("ratio") and value <= 0:
        raise range_error(path, show(value), "a number above 0")


def _check_list(path: str, name: str, items: list[Any]) -> None:
    if len(items) > max_items_of(name):
        raise range_error(path, f"a list of {len(items):,}", f"at most {max_items_of(name):,} items")
    bounds = bounds_of(name)
    # Lists may count layers from the end, but what others are divided by is never zero.
    low = bounds.low if bounds.low > 0 else -MAX_LIST_ITEMS
    for item in items:
        if isinstance(item, (int, float)) and not isinstance(item, bool) and not low <= item <= bounds.high:
            raise range_error(path, f"a list with {show(item)} in it", f"numbers from {low:,} to {bounds.high:,}")


def _expected(name: str, letters: str) -> str:
    number = f"a whole number {bounds_of(name)}" if "i" in letters else "a number" if "f" in letters else ""
    words = [number] if number else []
    return " or ".join(words + [word for letter, word in _WORDS.items() if letter in letters])
