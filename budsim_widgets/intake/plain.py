"""A dict that someone hands over → plain JSON values of bounded size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.decoding import check_text
from budsim_widgets.intake.folding import folded_layers
from budsim_widgets.intake.limits import (
    MAX_BRACKETS,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS,
    check_items,
    check_size,
    too_deep,
)
from budsim_widgets.intake.wording import show_name

_MAY_BE_INFINITE: Final = frozenset({"time_step_limit"})
_TOO_LARGE: Final = 10**MAX_DIGITS
_CONTAINERS: Final = frozenset({dict, list, tuple})
_TEXTS: Final = frozenset({str})
_SHORT: Final = frozenset({bool, float, type(None)})
_AS_JSON: Final = "Hand over the config as JSON text or as a dict of plain values."


@dataclass
class _Tally:
    """What was met so far, so that a structure which contains itself ends at a limit."""

    containers: int = 0
    items: int = 0
    characters: int = 0

    def add(self, num_items: int) -> None:
        self.containers += 1
        self.items += num_items
        check_items(self.containers, self.items)

    def takes_plain(self, text: str) -> bool:
        """Whether a text is ASCII within the limits, which nothing can be wrong with; then it is counted."""
        is_plain = text.isascii() and "\0" not in text and self.characters + len(text) <= MAX_BYTES
        self.characters += len(text) if is_plain else 0
        return is_plain

    def add_text(self, text: str) -> str:
        if not self.takes_plain(text):
            self.characters += len(text)
            check_size(self.characters)
            check_text(text)
        return text


def plain_copy(config: Any) -> Any:
    """A copy of the config that consists of JSON's own types.

    Tuples become lists, and whole-number keys (of `id2label`) text, as `json.dumps` does it. The one infinity that
    published configs hold (the upper `time_step_limit` of Mamba-2 models) becomes what transformers 5 writes for it.

    Raises:
        ConfigError: A limit (TOO_DEEP, TOO_MANY_ITEMS, TOO_LARGE), ENCODING, NON_FINITE, or FIELD_TYPE for a value
            that JSON has no type for.
    """
    return _copy(config, "", 1, _Tally())


def written_out(config: Mapping[str, Any]) -> str | None:
    """A text that only an equal config has; None where it isn't made of plain values of bounded size.

    `plain_copy` says what is wrong then; this only keeps `repr` from what would take long or never end.

    Example:
        >>> written_out({"n_embd": 64}), written_out({"n_embd": object()})
        ("{'n_embd': 64}", None)
    """
    try:
        return repr(config) if _is_plain(config) else None
    except RecursionError:
        return None


def _is_plain(config: Any) -> bool:
    """Whether there are JSON's own types alone, not more of them than a config may have, and no long number."""
    budget, containers, pending = MAX_BYTES, 0, [config]
    while pending:
        container = pending.pop()
        items: Any = container
        if type(container) is dict:
            if not set(map(type, container)) <= {str}:
                return False
            budget -= sum(map(len, container))
            items = container.values()
        containers += 1
        budget -= len(items)
        if budget < 0 or containers > MAX_BRACKETS:
            return False
        for item in items:
            kind = type(item)
            if kind is int and -_TOO_LARGE < item < _TOO_LARGE:
                continue
            if kind is str:
                budget -= len(item)
            elif kind in _CONTAINERS:
                pending.append(item)
            elif kind not in _SHORT:
                return False
    return type(config) is dict and budget >= 0


def _copy(value: Any, name: str, depth: int, tally: _Tally) -> Any:
    if value is None or value is True or value is False or (type(value) is int and -_TOO_LARGE < value < _TOO_LARGE):
        return value
    if isinstance(value, str):
        return tally.add_text(str(value))
    if isinstance(value, int):
        return _whole_number(value, name)
    if isinstance(value, float):
        return _float(value, name)
    if depth > MAX_DEPTH:
        raise too_deep()
    if isinstance(value, Mapping):
        return _object(folded_layers(value) if name == "quantized_layers" else value, depth, tally)
    if isinstance(value, (list, tuple)):
        return _list(value, name, depth, tally)
    raise ConfigError(
        "FIELD_TYPE",
        f"{show_name(name) if name else 'The config'} holds a {type(value).__name__}, which JSON has no type for.",
        next_step=_AS_JSON,
        field=name or None,
    )


def _list(value: list[Any] | tuple[Any, ...], name: str, depth: int, tally: _Tally) -> list[Any]:
    tally.add(len(value))
    if set(map(type, value)) == {str}:  # the long lists of configs: at once
        tally.add_text("".join(value))
        return list(value)
    return [_copy(item, name, depth + 1, tally) for item in value]


def _object(value: Mapping[Any, Any], depth: int, tally: _Tally) -> dict[str, Any]:
    tally.add(len(value))
    fields = {}
    are_plain = set(map(type, value)) <= _TEXTS and tally.takes_plain("".join(value))
    for key, item in value.items():
        name = key if are_plain else _name_of(key, tally)
        kind = type(item)
        if kind is bool or (kind is int and -_TOO_LARGE < item < _TOO_LARGE):
            fields[name] = item
        else:
            fields[name] = tally.add_text(item) if kind is str else _copy(item, name, depth + 1, tally)
    return fields


def _name_of(key: Any, tally: _Tally) -> str:
    if isinstance(key, str):
        return tally.add_text(str(key))
    if isinstance(key, int) and not isinstance(key, bool):
        return str(_whole_number(key, ""))
    message = f"The name of a field is a {type(key).__name__}; names are text."
    raise ConfigError("FIELD_TYPE", message, next_step=_AS_JSON)


def _whole_number(value: int, name: str) -> int:
    if -_TOO_LARGE < value < _TOO_LARGE:
        return int(value)
    raise number_too_long(f"a whole number of more than {MAX_DIGITS} digits", name)


def _float(value: float, name: str) -> Any:
    if math.isfinite(value):
        return float(value)
    if name in _MAY_BE_INFINITE and math.isinf(value):
        return {"__float__": "Infinity" if value > 0 else "-Infinity"}
    raise not_finite(str(value), name)


def number_too_long(what: str, name: str = "", line: int | None = None) -> ConfigError:
    """The error for a number that is written with more digits than any config needs."""
    return ConfigError(
        "TOO_LARGE",
        f"{_subject(name, line)} is {what}.",
        next_step="Paste the model's config.json as it is in its repository.",
        field=name or None,
        line=line,
    )


def not_finite(text: str, name: str = "", line: int | None = None) -> ConfigError:
    """The error for NaN, Infinity and what is too large for a number."""
    return ConfigError(
        "NON_FINITE",
        f"{_subject(name, line)} is {text}, which is no number that a config can use.",
        next_step="Replace it by a number, or by null.",
        field=name or None,
        line=line,
    )


def _subject(name: str, line: int | None) -> str:
    return show_name(name) if name else f"A value on line {line:,}" if line else "A value"
