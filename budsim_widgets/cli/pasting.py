"""A config pasted into the terminal."""

from __future__ import annotations

import codecs
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from budsim_widgets.cli.arguments import UsageError
from budsim_widgets.cli.files import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_END: Final = b"\x04"
_PIECE_BYTES: Final = 1 << 16
_HOW_TO_END: Final = "Ctrl+Z and Enter" if os.name == "nt" else "Ctrl+D"

PROMPT: Final = (
    f"Paste its config.json here, or type the path of the file. A whole config goes on by itself; {_HOW_TO_END} ends "
    "anything else."
)


def can_ask() -> bool:
    """Whether somebody sits there who can paste."""
    return sys.stdin is not None and sys.stdin.isatty()


def read_paste(ask: Callable[[], None]) -> str | bytes | None:
    """What somebody pastes, or the content of the file that they name; None where they end without a text.

    Args:
        ask: Shows the question; called when the terminal is ready for the answer.
    """
    text = ""
    for piece in _pieces(ask):
        text += piece
        if _is_whole(text):
            return text
        if text.endswith("\n") and (content := _named_file(text)) is not None:
            return content
    return text if text.strip() else None


def _is_whole(text: str) -> bool:
    """Whether a JSON object has come to its end."""
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return False
    try:
        json.loads(stripped)
    except (ValueError, RecursionError):
        return False
    return True


def _named_file(text: str) -> bytes | None:
    name = text.strip().strip("'\"")
    if not name or "\n" in name or "{" in name:
        return None
    try:
        return read_file("The file", name) if Path(name).expanduser().is_file() else None
    except (UsageError, OSError, ValueError, RuntimeError):
        return None


def _pieces(ask: Callable[[], None]) -> Iterator[str]:
    with _lines_of_any_length() as descriptor:
        ask()
        if descriptor is None:
            yield from iter(sys.stdin.readline, "")
            return
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while piece := os.read(descriptor, _PIECE_BYTES):
            before, end, _ = piece.partition(_END)
            yield decoder.decode(before, final=bool(end))
            if end:
                return


@contextmanager
def _lines_of_any_length() -> Iterator[int | None]:
    """The terminal's descriptor while it hands out what is typed at once; None where it hands out lines.

    By itself a terminal cuts a line off after 4,096 bytes (1,024 on macOS), and a config may stand on one line.
    """
    try:
        import termios  # noqa: PLC0415 - Windows has none
    except ImportError:
        yield None
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    changed = termios.tcgetattr(descriptor)
    changed[3] &= ~termios.ICANON
    termios.tcsetattr(descriptor, termios.TCSADRAIN, changed)
    try:
        yield descriptor
    finally:
        # What follows the end of the config, such as its line break, is not for the shell.
        termios.tcflush(descriptor, termios.TCIFLUSH)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
