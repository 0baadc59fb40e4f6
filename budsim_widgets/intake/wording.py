"""How pasted values look in messages: short, and harmless whatever they hold."""

from __future__ import annotations

import json
import re
from typing import Any, Final

MAX_SHOWN: Final = 60
"""Characters of a person's text that a message shows at most."""

_LONG_INT_BITS: Final = 128
_MODEL_ID: Final = r"[A-Za-z0-9_.-]{1,96}/[A-Za-z0-9_.-]{1,96}\Z"
_OPAQUE: Final = r"(?:\\[xuU]?[0-9a-fA-F]{2,8}|[A-Za-z0-9]){16,}"


def show(value: Any) -> str:
    r"""A JSON value as JSON writes it, cut to `MAX_SHOWN` characters.

    Everything but ASCII is escaped, so that no invisible or right-to-left character changes how a message reads.

    Example:
        >>> show("4096"), show(None), show([1, 2]), show("a\n")
        ('"4096"', 'null', 'a list of 2', '"a\\n"')
    """
    if isinstance(value, dict):
        return f"an object with {_count(len(value), 'field')}"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return _cut(json.dumps(_masked(value[: 2 * MAX_SHOWN])[:MAX_SHOWN]), is_cut=len(value) > MAX_SHOWN)
    if isinstance(value, int) and value.bit_length() > _LONG_INT_BITS:
        return "a whole number of more than 38 digits"
    return _cut(json.dumps(value)) if isinstance(value, (bool, int, float, type(None))) else type(value).__name__


def show_name(name: str) -> str:
    """The name of a field: plain where it is an identifier, else like any other text."""
    return name if name.isascii() and name.replace(".", "_").isidentifier() and len(name) <= MAX_SHOWN else show(name)


def show_line(line: str, column: int) -> str:
    """The part of a line around a column (from 1), on one line and printable.

    Example:
        >>> show_line('"key": "aB3aB3aB3aB3aB3aB3",', 1)
        '"key": "******************",'
    """
    start = max(0, min(column - 1 - MAX_SHOWN // 2, len(line) - MAX_SHOWN))
    # Masked with what stands around it, so that no piece of a token is too short to be told.
    before = max(0, start - MAX_SHOWN)
    part = _masked(line[before : start + 2 * MAX_SHOWN])[start - before :][:MAX_SHOWN].strip()
    shown = "".join(character if character.isprintable() else " " for character in part)
    return f"{'…' if start else ''}{shown}{'…' if start + MAX_SHOWN < len(line) else ''}"


def _masked(text: str) -> str:
    """A text of the same length, with stars for what may be a part of a token: long runs of letters with digits."""
    return re.sub(_OPAQUE, lambda run: "*" * len(run[0]) if any(map(str.isdecimal, run[0])) else run[0], text)


def _cut(text: str, *, is_cut: bool = False) -> str:
    return f"{text[: MAX_SHOWN - 1]}…" if is_cut or len(text) > MAX_SHOWN else text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def step_of_draft(config: Any) -> str | None:
    """What to paste in the place of a speculator's config, where it names the model that it drafts for.

    Example:
        >>> step_of_draft({"speculators_config": {"verifier": {"name_or_path": "org/model"}}})
        'It drafts for org/model: paste the config.json of that model.'
    """
    for name in ("speculators_config", "verifier", "name_or_path"):
        config = config.get(name) if isinstance(config, dict) else None
    if not isinstance(config, str) or not re.match(_MODEL_ID, config):
        return None
    return f"It drafts for {config}: paste the config.json of that model."
