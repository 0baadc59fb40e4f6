"""A text → the whole number that is calculated with, and what was done to it, in words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from budsim_widgets.printable import quoted
from budsim_widgets.translation import tr

_MOST_CHARACTERS: Final = 40
_MINUS: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:[ ,_'\u2019]\d{3})+|(?:\.\d{3})+)")
_NUMBER: Final = re.compile(r"([+-]?[\d.,]{1,40}(?:[eE][+-]?\d{1,3})?) ?([kKmM]?)i?")
_UNITS: Final = {"": 1, "k": 2**10, "m": 2**20}


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A number and how it was read.

    Attributes:
        value: The number.
        said: What isn't as it was typed, and why; empty where all of it is.
    """

    value: int
    said: str = ""


def read_whole_number(text: str | None, *, least: int, most: int, standing: int) -> WholeNumber:
    """The number that a person means, within its limits.

    Args:
        text: What was typed or pasted: "8192", "8,192", "8 192", "8k" (8 x 1,024, as lengths of contexts are named);
            None: something that is known to be no number.
        least: The smallest that there is.
        most: The largest.
        standing: What stays where the text is no number.

    Example:
        >>> read_whole_number("8,192", least=1, most=100_000, standing=1)
        WholeNumber(value=8192, said='')
        >>> read_whole_number("1.5", least=1, most=64, standing=1).said
        '1.5 is not whole: 2 is taken.'
    """
    if text is None:
        return WholeNumber(standing, tr("That is no whole number: it is {value} again.", value=f"{standing:,}"))
    plain = unicodedata.normalize("NFKC", text[: 2 * _MOST_CHARACTERS]).strip().translate(_MINUS)
    if not plain:
        return WholeNumber(standing, tr("Nothing stood here: it is {value} again.", value=f"{standing:,}"))
    number = _number(plain) if len(plain) <= _MOST_CHARACTERS else None
    if number is None:
        said = tr("{quoted} is no whole number: it is {value} again.", quoted=quoted(text), value=f"{standing:,}")
        return WholeNumber(standing, said)
    bounded = within(number, least=least, most=most, text=plain)
    if bounded.said:
        return bounded
    value = int(number.to_integral_value(ROUND_HALF_UP))
    if value != number:
        return WholeNumber(value, tr("{text} is not whole: {value} is taken.", text=plain, value=f"{value:,}"))
    is_clear = not any(character in plain for character in "kKmM.eE")
    return WholeNumber(value, "" if is_clear else tr("{text} is read as {value}.", text=plain, value=f"{value:,}"))


def within(number: Decimal | int, *, least: int, most: int, text: str) -> WholeNumber:
    """The nearest number within the limits.

    Example:
        >>> within(0, least=1, most=64, text="0")
        WholeNumber(value=1, said='0 is less than 1: 1 is taken.')
    """
    if number < least:
        said = tr("{text} is less than {least}: {least} is taken.", text=text, least=f"{least:,}")
        return WholeNumber(least, said)
    if number > most:
        said = tr("{text} is more than {most}, the most there is: {most} is taken.", text=text, most=f"{most:,}")
        return WholeNumber(most, said)
    return WholeNumber(int(number))


def _number(text: str) -> Decimal | None:
    if _GROUPED.fullmatch(text):
        return Decimal(re.sub(r"[ ,._'\u2019]", "", text))
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    try:
        number = Decimal(match[1].replace(",", "."))
    except InvalidOperation:
        return None
    return number * _UNITS[match[2].lower()]
