r"""Texts of others as a screen, a terminal or a log can show them.

An escape sequence in the name of a field would recolour a terminal, move its cursor or change its title; a direction
mark makes `gpj.exe` of `exe.jpg`; a line break forges the next line of a log; half a character (a lone surrogate)
can't be printed at all.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, keeps: str = "") -> str:
    r"""A text as one line without a character that isn't shown as itself.

    White space of all kinds becomes a plain space. A replacement character stands for every other one that
    `str.isprintable` doesn't let pass: control characters, direction marks, other invisible ones, lone surrogates, and
    what is no character at all.

    Args:
        text: The text.
        keeps: Characters that stay although they aren't printable, such as the line breaks of a table.

    Example:
        >>> printable("int4"), printable("int\x1b[31m4\u202e\n"), printable("a\nb\tc", keeps="\n")
        ('int4', 'int�[31m4� ', 'a\nb c')
    """
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


def compatible(text: str) -> str:
    """The text with each character replaced by its compatible form (NFKC): full-width letters become ASCII.

    One character at a time: normalizing a whole text sorts its runs of combining marks, which takes quadratic time.

    Example:
        >>> compatible("\uff28\uff26_")
        'HF_'
    """
    if text.isascii():
        return text
    return text.translate({ord(sign): unicodedata.normalize("NFKC", sign) for sign in set(text) if not sign.isascii()})
