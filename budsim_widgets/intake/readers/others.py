"""Texts that aren't JSON: which of the other ways of writing a config they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.hints import hint
from budsim_widgets.intake.limits import MAX_COLONS, MAX_ESCAPES, MAX_LINES, check_counts
from budsim_widgets.intake.readers.config_class import complete
from budsim_widgets.intake.readers.copied import fixed
from budsim_widgets.intake.readers.gguf import convert
from budsim_widgets.intake.readers.gguf_text import metadata_in_text
from budsim_widgets.intake.readers.json_text import Parsed, parse_json
from budsim_widgets.intake.readers.markdown import code_block
from budsim_widgets.intake.readers.python_text import to_json
from budsim_widgets.intake.readers.surroundings import only_config
from budsim_widgets.intake.tokens import refuse_escaped_secrets

if TYPE_CHECKING:
    from budsim_widgets.intake.readers.python_text import Translation

_SYNTAX: Final = frozenset({"NOT_JSON", "TRUNCATED"})
_OUTER_BRACKETS: Final = r"\A[\s(\[]*[(\[](?=\s*\{)"
"""What is left of a list or a call when its last line isn't copied."""


def parse_other(text: str, as_json: ConfigError) -> Parsed:
    """The value of a text that isn't JSON.

    Args:
        text: The text.
        as_json: What the JSON parser says about it; raised again where it is nothing else either.

    Raises:
        ConfigError: Also NOT_JSON or TRUNCATED with the line; EMPTY for an empty code block.
    """
    counts = ((text.count("\\"), MAX_ESCAPES), (text.count(":"), MAX_COLONS), (text.count("\n"), MAX_LINES))
    if any(number > limit for number, limit in counts):
        raise as_json
    refuse_escaped_secrets(text)
    if as_json.code not in _SYNTAX:
        raise as_json
    block = code_block(text)
    if block is None:
        return _parse(text, as_json)
    if not block.strip():
        message = "The code block is empty."
        raise ConfigError("EMPTY", message, next_step="Paste the content of the model's config.json.")
    parsed = _parse_block(block)
    return parsed._replace(repairs=("took the config out of the Markdown code block", *parsed.repairs))


def _parse_block(block: str) -> Parsed:
    try:
        return Parsed(parse_json(block), "json")
    except ConfigError as error:
        if error.code not in _SYNTAX:
            raise
        return _parse(block, error)


def _parse(text: str, as_json: ConfigError) -> Parsed:
    metadata = metadata_in_text(text) if not text.lstrip().startswith(("{", "[")) else None
    if metadata is not None:
        return convert(metadata)
    try:
        return _translated(text, as_json)
    except ConfigError as error:
        # What is only cut off has nothing around it, but for brackets that are closed further on.
        inner = re.sub(_OUTER_BRACKETS, _as_spaces, text, count=1) if error.code == "TRUNCATED" else text
        if error.code != "NOT_JSON" and inner == text:
            raise
        copy = fixed(text) if inner == text else _from_within(inner, error)
        if copy is None:
            raise hint(text) or error from None
        parsed = _parse_fixed(copy[0])
        return parsed._replace(repairs=(*copy[1], *parsed.repairs))


def _from_within(inner: str, error: ConfigError) -> tuple[str, tuple[str, ...]]:
    """The one object that stands whole behind brackets which are never closed."""
    try:
        parse_json(only_config(inner))
    except ConfigError:
        raise error from None
    return only_config(inner), ("removed what stands around the config",)


def _as_spaces(match: re.Match[str]) -> str:
    return re.sub(r"\S", " ", match[0])


def _parse_fixed(text: str) -> Parsed:
    try:
        return Parsed(parse_json(text), "json")
    except ConfigError as error:
        if error.code not in _SYNTAX:
            raise
        return _translated(text, error)


def _translated(text: str, as_json: ConfigError) -> Parsed:
    translation = to_json(text)
    if translation.text == text:
        raise as_json
    check_counts(translation.text)
    value = parse_json(translation.text, text)
    return _named(value, translation)


def _named(value: Any, found: Translation) -> Parsed:
    repairs = (
        *(("removed the comments",) if found.has_comments else ()),
        *(("removed commas that no value follows",) if found.has_commas and not found.is_python else ()),
        *(("put quotes around the names of fields",) if found.has_bare_names else ()),
    )
    if found.class_name:
        value, completions = complete(value, found.class_name, is_call=found.is_call)
        written = "Python call of" if found.is_call else "printed"
        return Parsed(value, "config_repr", (f"converted from a {written} {found.class_name}", *repairs, *completions))
    if found.is_python:
        return Parsed(value, "python", ("converted from a Python dict", *repairs))
    return Parsed(value, "json", repairs or ("removed what stands around the config",))
