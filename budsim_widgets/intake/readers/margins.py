"""What stands in front of every line of a copy: line numbers, marks of quotations, the signs of a git diff."""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.errors import ConfigError

_MIN_LINES: Final = 3
_MAX_LINES: Final = 6_000
_NUMBER: Final = r"[ \t]*(\d{1,6})(?:[ \t]*[:|│┃]|[ \t]|$)"
_BORDER: Final = r"[\s─┬┼┴]*\Z|\s+│[ ](?:File|Size):"
"""Lines that `bat` draws around a file."""

_QUOTED: Final = r"[ \t]*(>(?:[ ]?>)*|\||\+|\*)(?=[ \t]|$|[{}\"'])"
_HUNK: Final = r"(?m)^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@"


def without_margin(text: str) -> tuple[str, str]:
    r"""The text without what stands in front of each of its lines, and what that was; lines keep their numbers.

    Raises:
        ConfigError: NOT_JSON for a git diff that shows only parts of the file.

    Example:
        >>> without_margin('> {"dim": 8,\n> "n_layers": 2\n> }')
        ('  {"dim": 8,\n  "n_layers": 2\n  }', 'removed the > in front of the lines')
    """
    hunks = re.findall(_HUNK, text)
    if hunks:
        return _new_side(text, hunks)
    lines = text.split("\n", _MAX_LINES)
    if len(lines) > _MAX_LINES:
        return text, ""
    for strip in (_without_numbers, _without_lines_of_numbers, _without_marks):
        stripped, repair = strip(lines)
        if repair:
            return "\n".join(stripped), repair
    return text, ""


def _new_side(text: str, hunks: list[str]) -> tuple[str, str]:
    if len(hunks) > 1 or int(hunks[0][:6]) > 1:
        message = "The text is a git diff, which shows only parts of the file."
        raise ConfigError("NOT_JSON", message, next_step="Paste the whole config.json, from the first { to the last }.")
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines, 1) if line.startswith("@@"))
    kept = (f" {line[1:]}" if line[:1] in {"+", " "} else "" for line in lines[first:])
    return "\n".join([*[""] * first, *kept]), "read the new side of the git diff"


def _without_numbers(lines: list[str]) -> tuple[list[str], str]:
    """`cat -n`, `grep -n`, `bat` and web pages: each line begins with its number."""
    stripped, numbers = [], []
    for line in lines:
        match = re.match(_NUMBER, line)
        if match:
            numbers.append(int(match[1]))
            stripped.append(" " * match.end() + line[match.end() :])
        elif re.match(_BORDER, line):
            stripped.append("")
        else:
            return lines, ""
    is_count = len(numbers) >= _MIN_LINES and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return (stripped, "removed the line numbers") if is_count else (lines, "")


def _without_lines_of_numbers(lines: list[str]) -> tuple[list[str], str]:
    """Web pages whose numbers are copied as lines of their own, before each line or all before the first."""
    if next((line.strip() for line in lines if line.strip()), "") != "1":
        return lines, ""
    stripped, number = [], 1
    for line in lines:
        is_number = line.strip() == str(number)
        number += is_number
        stripped.append("" if is_number else line)
    return (stripped, "removed the line numbers") if number > _MIN_LINES else (lines, "")


def _without_marks(lines: list[str]) -> tuple[list[str], str]:
    """Quotations of mails and chats, cells of tables, lists, and the added lines of a diff."""
    written = [line for line in lines if line.strip()]
    first = re.match(_QUOTED, written[0]) if len(written) >= _MIN_LINES else None
    if first is None or not all(line.lstrip().startswith(first[1]) for line in written):
        return lines, ""
    mark = first[1]
    return [line.replace(mark, " " * len(mark), 1) for line in lines], f"removed the {mark} in front of the lines"
