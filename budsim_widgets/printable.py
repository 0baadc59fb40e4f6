r"""Texts of others as a screen, a terminal or a log can show them.

An escape sequence in the name of a field would recolour a terminal, move its cursor or change its title; a direction
mark makes `gpj.exe` of `exe.jpg`; half a character (a lone surrogate) can't be printed at all.
"""

from __future__ import annotations

from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    r"""A text as one line, with a replacement character in the place of each that isn't printable.

    Those are, as `str.isprintable` knows them: control characters, direction marks, other invisible ones, separators
    but the plain space, lone surrogates, and what stands for no character.

    Example:
        >>> printable("int4"), printable("int\x1b[31m4\n")
        ('int4', 'int�[31m4�')
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    r"""The same for a text of several lines: `\n` stays.

    Example:
        >>> printable_lines("a\r\nb\u202e")
        'a�\nb�'
    """
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def _shown(character: str) -> str:
    return character if character.isprintable() else _REPLACEMENT
