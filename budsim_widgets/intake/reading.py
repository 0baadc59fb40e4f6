"""A paste, an upload or a dict → a plain config. This is the one way in for untrusted text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.decoding import check_text, decode
from budsim_widgets.intake.known_files import refuse_known_file
from budsim_widgets.intake.known_texts import refuse_error_answer, refuse_known_text
from budsim_widgets.intake.limits import check_counts
from budsim_widgets.intake.plain import plain_copy
from budsim_widgets.intake.readers import Parsed, parse_json
from budsim_widgets.intake.repairs import clean_text, unwrap, whole_numbers
from budsim_widgets.intake.tokens import refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping


_OTHER_FORMATS: Final = frozenset(
    (
        *("dim", "general.architecture", "model_info", "metadata", "gguf"),
        *("pretrained_config", "model_config", "architecture", "ssm_cfg", "mm_vision_tower", "n_embd"),
        "speculators_model_type",
    )
)
"""Fields that tell another program's config; where one is, the modules that know them are asked."""

_MAX_QUOTINGS: Final = 2


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read.

    Attributes:
        config: The config, of plain JSON values.
        format: How it was written: `json`, `dict`, `python` (literals), `config_repr` (a config that was printed, or
            a call of its class), `params_json` (Meta's and Mistral's own) or `gguf` (metadata).
        repairs: What was fixed on the way, for people; mostly empty.
    """

    config: dict[str, Any]
    format: str
    repairs: tuple[str, ...] = ()


def read_config(source: str | bytes | bytearray | memoryview | Mapping[str, Any]) -> Reading:
    """The config that a text, the bytes of a file, or a dict holds.

    Its fields are not checked yet: that is `check_fields`.

    Raises:
        ConfigError: With one of the codes EMPTY, TOO_LARGE, TOO_DEEP, TOO_MANY_ITEMS, ENCODING, NOT_JSON, TRUNCATED,
            HTML_PAGE, GATED_PAGE, API_ERROR, LFS_POINTER, NOT_OBJECT, WRONG_FILE, UNSUPPORTED, SECRET,
            DUPLICATE_KEY, NON_FINITE; FIELD_TYPE for a dict that holds what JSON has no type for.

    Example:
        >>> read_config('{"model_type": "llama", "hidden_size": 4096.0}').config
        {'model_type': 'llama', 'hidden_size': 4096}
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _read_text(*decode(bytes(source)))
    if isinstance(source, str):
        return _read_text(check_text(source), ())
    value = plain_copy(source)
    # Shown as text once more, so that the same rules hold for its keys and values.
    text = json.dumps(value, ensure_ascii=False)
    check_text(text)
    refuse_secrets(text)
    return _finish(value, "dict", ())


def _read_text(text: str, repairs: tuple[str, ...]) -> Reading:
    refuse_secrets(text)
    refuse_known_text(text)
    check_counts(text)
    cleaned, cleanings = clean_text(text)
    if cleanings:
        refuse_secrets(cleaned)
    if not cleaned.strip():
        message = "There is no text to read."
        raise ConfigError("EMPTY", message, next_step="Paste the content of the model's config.json.")
    try:
        parsed = Parsed(parse_json(cleaned), "json")
    except ConfigError as error:
        parsed = _parse_other(cleaned, error)
    value, source_format, conversions = parsed
    value, unquotings = _unquoted(value)
    conversions += unquotings
    value = plain_copy(value)
    if "\\" in cleaned or conversions or source_format != "json":
        refuse_secrets(json.dumps(value, ensure_ascii=False))
    return _finish(value, source_format, repairs + cleanings + conversions)


def _unquoted(value: Any) -> tuple[Any, tuple[str, ...]]:
    """JSON that was written as a text of JSON, once or twice."""
    repairs: tuple[str, ...] = ()
    for _ in range(_MAX_QUOTINGS):
        if not (isinstance(value, str) and value.lstrip().startswith(("{", '"{'))):
            break
        value, repairs = parse_json(value), ("took the JSON out of its quotes",)
    return value, repairs


def _parse_other(text: str, as_json: ConfigError) -> Parsed:
    from budsim_widgets.intake.readers.others import parse_other  # noqa: PLC0415 - nearly every paste is JSON

    return parse_other(text, as_json)


def _finish(value: Any, source_format: str, repairs: tuple[str, ...]) -> Reading:
    refuse_error_answer(value)
    value, unwrappings = unwrap(value)
    repairs += unwrappings
    if isinstance(value, dict) and not _OTHER_FORMATS.isdisjoint(value):
        value, source_format, repairs = _converted(Parsed(value, source_format, repairs))
    refuse_known_file(value)
    config, conversions = whole_numbers(value)
    return Reading(config=config, format=source_format, repairs=repairs + conversions)


def _converted(parsed: Parsed) -> Parsed:
    from budsim_widgets.intake.readers.natives import converted  # noqa: PLC0415 - nearly every paste is a config.json

    return converted(parsed)
