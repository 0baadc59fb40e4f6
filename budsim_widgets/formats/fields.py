"""Fields of a quantization, checked as the library that reads them checks them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.intake.field_values import type_error, value_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_METHOD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\- ]{0,39}\Z")
_METHOD_WORDS: Final = "the name of a quantization method, such as gptq"
_MAX_NUMBER: Final = 2**20


class Fields:
    """The fields of one quantization, and where they stand in the config.

    A field that is absent, or null, takes the library's default.

    Args:
        values: The fields.
        place: The path of the object that holds them, for messages.

    Example:
        >>> Fields({"bits": 4}).number("bits", 4, choices=(2, 3, 4, 8))
        4
    """

    def __init__(self, values: Mapping[str, Any], place: str = "quantization_config") -> None:
        self.values = values
        self.place = place

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """The value as it stands there, or the default where it is absent or null."""
        value = self.values.get(name)
        return default if value is None else value

    def path(self, name: str) -> str:
        """Where a field stands."""
        return f"{self.place}.{name}"

    def within(self, name: str) -> Fields:
        """The fields of an object inside of this one; none where there is no object."""
        value = self.values.get(name)
        return Fields(value if isinstance(value, dict) else {}, self.path(name))

    @property
    def method(self) -> str:
        """`quant_method`, in small letters; empty where there is none.

        Raises:
            ConfigError: It is no name.
        """
        value = self.values.get("quant_method")
        if value is None:
            return ""
        if not isinstance(value, str):
            raise type_error(self.path("quant_method"), value, _METHOD_WORDS)
        if not _METHOD.match(value):
            raise value_error(self.path("quant_method"), value, _METHOD_WORDS)
        return value.lower()

    def number(self, name: str, default: int | None, *, choices: Sequence[int] = (), low: int = 1) -> int:
        """A whole number; one that its library has no default for must be given.

        Raises:
            ConfigError: It is none, none of the choices, or below `low`.
        """
        value = self.get(name, default)
        expected = _one_of(choices) if choices else f"a whole number from {low}"
        if type(value) is not int:
            raise type_error(self.path(name), value, expected)
        if (choices and value not in choices) or (not choices and not low <= value <= _MAX_NUMBER):
            raise value_error(self.path(name), value, expected)
        return value

    def group_size(self, name: str, default: int | None) -> int | None:
        """Columns that share a scale; None: the whole row, which files write as -1 or null.

        Raises:
            ConfigError: It is neither -1 nor a number above 0.
        """
        value = self.values.get(name, default)
        expected = "a whole number from 1, or -1 for a scale per row"
        if value is None or value == -1:
            return None
        if type(value) is not int:
            raise type_error(self.path(name), value, expected)
        if not 0 < value <= _MAX_NUMBER:
            raise value_error(self.path(name), value, expected)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false.

        Raises:
            ConfigError: It is neither.
        """
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise type_error(self.path(name), value, "true or false")
        return value

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """One of some words, in small letters.

        Raises:
            ConfigError: It is another word, or none.
        """
        value = self.get(name, default)
        if not isinstance(value, str):
            raise type_error(self.path(name), value, _one_of(choices))
        if value.lower() not in choices:
            raise value_error(self.path(name), value, _one_of(choices))
        return value.lower()

    def bits(self, *names: str) -> float | None:
        """Bits an element under the first of these names, whole or not; None where none is given.

        Raises:
            ConfigError: It is no number above 0, or more than 32.
        """
        for name in names:
            value = self.values.get(name)
            if value is None:
                continue
            expected = "the bits of one element, a number above 0"
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise type_error(self.path(name), value, expected)
            if not 0 < value <= 32:  # noqa: PLR2004 - the bits of fp32
                raise value_error(self.path(name), value, expected)
            return value
        return None

    def names(self, *fields: str) -> tuple[str, ...] | None:
        """The texts in the first of these lists that is given; None where none is.

        Raises:
            ConfigError: It is no list.
        """
        for name in fields:
            value = self.values.get(name)
            if value is None:
                continue
            if not isinstance(value, list):
                raise type_error(self.path(name), value, "a list of module names")
            return tuple(item for item in value if isinstance(item, str))
        return None


def _one_of(choices: Sequence[object]) -> str:
    *first, last = map(str, choices)
    return f"{', '.join(first)} or {last}" if first else last
