r"""Texts of others as a screen, a terminal or a log can show them.

An escape sequence in the name of a field would recolour a terminal, move its cursor or change its title; a direction
mark makes `gpj.exe` of `exe.jpg`; a line break forges the next line of a log; half a character (a lone surrogate)
can't be printed at all.
"""

from __future__ import annotations

from typing import Final

from budsim_widgets.access_tokens import masked

MAX_QUOTED: Final = 60

_LONG_INT_BITS: Final = 128
_LONGEST_TOKEN: Final = 400
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, keeps: str = "") -> str:
    r"""A text as one line without a character that isn't shown as itself.

    White space of all kinds becomes a plain space. A replacement character stands for every other one that
    `str.isprintable` doesn't let pass: control characters, direction marks, other invisible ones, lone surrogates, and
    what is no character at all. Stars stand for access tokens.

    Args:
        text: The text.
        keeps: Characters that stay although they aren't printable, such as the line breaks of a table.

    Example:
        >>> printable("int4"), printable("int\x1b[31m4\u202e\n"), printable("a\nb\tc", keeps="\n")
        ('int4', 'int�[31m4� ', 'a\nb c')
    """
    text = masked(text)
    return text if text.isprintable() else "".join(c if c in keeps else _shown(c) for c in text)


def html_text(value: object, *, keeps: str = "") -> str:
    r"""A value as text of an HTML page: escaped, and printable.

    Args:
        value: The value.
        keeps: Characters that stay although they aren't printable, such as line breaks.

    Example:
        >>> html_text("<b>\u202e")
        '&lt;b&gt;�'
    """
    from html import escape  # noqa: PLC0415 - only who shows HTML needs it

    return escape(printable(str(value), keeps=keeps))


def quoted(value: object, limit: int = MAX_QUOTED) -> str:
    r"""What a person or a config gave, as a message repeats it: on one line, cut, and without access tokens.

    Args:
        value: A text, which is shown in quotes, a number, or something else, which is shown by its type alone.
        limit: Characters at most.

    Example:
        >>> quoted("int\x1b4"), quoted(7), quoted("abcdef", 4), quoted("hf_AbCdEfGhIjKlMnOpQr")
        ("'int�4'", '7', "'abc…'", "'*********************'")
    """
    shown = shortened(value, limit)
    return f"'{shown}'" if isinstance(value, str) else shown


def shortened(value: object, limit: int = MAX_QUOTED) -> str:
    """The same without quotes."""
    # Cut twice: first to what a token that begins inside may have, so that none is too short to be found.
    text = printable(_text_of(value)[: limit + _LONGEST_TOKEN])
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def counted(number: int) -> str:
    """A number with its digits in groups; one of more digits than Python writes by its kind.

    Example:
        >>> counted(16384), counted(-(10**5000))
        ('16,384', 'a whole number of more than 38 digits')
    """
    return f"{number:,}" if number.bit_length() <= _LONG_INT_BITS else _text_of(number)


def _text_of(value: object) -> str:
    """The value as it is written; what may be long or deep by its type alone."""
    if isinstance(value, int) and value.bit_length() > _LONG_INT_BITS:
        return "a whole number of more than 38 digits"
    if isinstance(value, (str, int, float, BaseException, type(None))):
        return str(value)
    return f"a {type(value).__name__}"


def printable_traceback(error: BaseException) -> str:
    r"""An exception with its traceback as a log can show it.

    Example:
        >>> printable_traceback(ValueError("\x1b[2J"))
        'ValueError: �[2J\n'
    """
    from traceback import format_exception  # noqa: PLC0415 - only what nobody expected needs it

    return printable("".join(format_exception(error)), keeps="\n")


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else _REPLACEMENT
