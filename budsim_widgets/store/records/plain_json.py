"""Configs as plain JSON values of bounded depth, sharing nothing with the caller's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from budsim_widgets.errors import ConfigError

MAX_DEPTH: Final = 64
"""Twice what intake accepts; far below the depth at which reading the file again could fail."""

_CONTAINERS: Final = frozenset((dict, list))


def to_plain_json(config: Any, *, model_id: str) -> dict[str, Any]:
    """The config as it will be read from the file again.

    Raises:
        ConfigError: It is no mapping, holds what JSON can't, or is nested too deeply.
    """
    if not isinstance(config, Mapping):
        raise ConfigError("NOT_OBJECT", "A config is a JSON object.", model_id=model_id, next_step="Pass a dict.")
    try:
        plain: dict[str, Any] = json.loads(json.dumps(dict(config)))
    except RecursionError:
        raise _too_deep(model_id) from None
    except (TypeError, ValueError) as error:
        message = f"The config can't be kept as JSON: {error}."
        next_step = "Leave out what isn't a number, a text, a list or a dict."
        raise ConfigError("FIELD_TYPE", message, model_id=model_id, next_step=next_step) from None
    if is_deeper_than(MAX_DEPTH, plain):
        raise _too_deep(model_id)
    return plain


def copy_of(value: Any) -> Any:
    """A copy of parsed JSON that shares nothing that can be changed; a third of the time of `copy.deepcopy`."""
    if type(value) is dict:
        return {key: copy_of(item) if type(item) in _CONTAINERS else item for key, item in value.items()}
    if type(value) is list:
        return [copy_of(item) if type(item) in _CONTAINERS else item for item in value]
    return value


def is_deeper_than(depth: int, value: Any) -> bool:
    """Whether parsed JSON is nested more than `depth` levels deep.

    Example:
        >>> is_deeper_than(1, {"a": 1}), is_deeper_than(1, {"a": [1]})
        (False, True)
    """
    if type(value) not in _CONTAINERS:
        return False
    if depth == 0:
        return True
    items = value.values() if type(value) is dict else value
    # Most hold no others: this look at each record of a store takes a third of the time of the next.
    if _CONTAINERS.isdisjoint(map(type, items)):
        return False
    return any(is_deeper_than(depth - 1, item) for item in items if type(item) in _CONTAINERS)


def _too_deep(model_id: str) -> ConfigError:
    message = f"The config is nested more than {MAX_DEPTH} levels deep."
    next_step = "Pass the content of the model's config.json."
    return ConfigError("TOO_DEEP", message, model_id=model_id, next_step=next_step)
