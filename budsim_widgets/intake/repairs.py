"""Harmless damage that a config takes on its way through editors, chats and web pages."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from budsim_widgets.data import load_table
from budsim_widgets.intake.common_names import TEXT_PARTS
from budsim_widgets.intake.known_files import MODEL_FIELDS
from budsim_widgets.intake.wording import show

_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_SPACES: Final = "\u00a0\u2000-\u200a\u202f\u205f\u3000\u2028\u2029\u0085\v\f"
_ODD_SPACE: Final = f"[{_INVISIBLE}{_SPACES}]"

# A string of JSON, or odd spaces outside of strings. A string that is never closed runs to the end, so that no
# part of it is tried again.
_STRING_OR_SPACE: Final = f'(?s)"(?:[^"\\\\]|\\\\.?)*(?:"|\\Z)|[{_INVISIBLE}{_SPACES}]+'

_COLOUR: Final = r"\x1b\[[0-9;?]{0,20}[A-Za-z]"
"""What a terminal is told by `jq` and others; no text of JSON may hold its first character."""

_WRAPPER_FIELDS: Final = {"config", "model_uri", "model_id", "model"}
_LARGEST_EXACT: Final = 2**53


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without what stands around a config, and what was taken away. Lines keep their numbers."""
    repairs = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("\ufeff"):
        text = text[1:]
        repairs.append("removed the byte order mark")
    if "\x1b" in text:
        text = re.sub(_COLOUR, "", text)
        repairs.append("removed the colours of the terminal")
    if re.search(_ODD_SPACE, text):
        spaced = re.sub(_STRING_OR_SPACE, _space_for_odd, text)
        repairs += ["replaced special spaces and invisible characters"] if spaced != text else []
        text = spaced
    return text, tuple(repairs)


def _space_for_odd(match: re.Match[str]) -> str:
    if not match[0].startswith('"'):
        return " " * len(match[0])
    follower = match.string[match.end() : match.end() + 5].lstrip()
    # No name of a field has anything invisible in it; a text may.
    return re.sub(f"[{_INVISIBLE}]", "", match[0]) if follower.startswith(":") else match[0]


def unwrap(value: Any) -> tuple[Any, tuple[str, ...]]:
    """The config inside `{"config": {…}}`, or inside of another object whose one field it is."""
    if not isinstance(value, dict):
        return value, ()
    if isinstance(value.get("config"), dict) and value.keys() <= _WRAPPER_FIELDS:
        return value["config"], ('took the config out of its wrapper "config"',)
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name not in TEXT_PARTS and isinstance(inner, dict) and _is_config(inner):
            return inner, (f"took the config out of its wrapper {show(name)}",)
    return value, ()


def _is_config(fields: dict[str, Any]) -> bool:
    return "general.architecture" in fields or len(MODEL_FIELDS & fields.keys()) > 1


def whole_numbers(config: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The config with `4096.0` and `1e3` as whole numbers in fields that are whole numbers."""
    changed: list[str] = []
    fields = _whole_numbers(config, changed)
    if not changed:
        return config, ()
    names = ", ".join(changed[:3]) + (" and others" if len(changed) > 3 else "")  # noqa: PLR2004 - a short message
    return fields, (f"read as whole numbers: {names}",)


def _whole_numbers(config: dict[str, Any], changed: list[str]) -> dict[str, Any]:
    fields = dict(config)
    for name, value in config.items():
        if isinstance(value, dict):
            fields[name] = _whole_numbers(value, changed)
        elif isinstance(value, float) and name in _whole_fields() and _is_whole(value):
            fields[name] = int(value)
            changed.append(name)
    return fields


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) <= _LARGEST_EXACT


@cache
def _whole_fields() -> frozenset[str]:
    """Fields that hold whole numbers and never fractions, under all of their names."""
    table = load_table("defaults")
    whole = {name for name, letters in table["kinds"]["*"].items() if "i" in letters and "f" not in letters}
    other_names = (names for names in table["aliases"].values())
    return frozenset(whole) | {alias for names in other_names for alias, name in names.items() if name in whole}
