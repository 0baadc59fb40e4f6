"""Fields of configs that aren't transformers': taken over under the name that transformers has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.bounds import MAX_FLOAT
from budsim_widgets.intake.defaults import REQUIRED_FIELDS
from budsim_widgets.intake.field_values import check_value
from budsim_widgets.intake.wording import show

if TYPE_CHECKING:
    from collections.abc import Mapping

_LLAMA3_VOCABULARY: Final = 128_256
_TIED_WIDTHS: Final = (2048, 3072)
_IN_CONFIG_JSON: Final = "Paste the model's config.json in the format of transformers, if there is one."


def take(source: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The whole numbers that stand in the source, under their new names.

    Args:
        source: The other format's fields.
        names: Name there → name in transformers, which also tells the range.

    Raises:
        ConfigError: FIELD_TYPE or FIELD_RANGE, with the name as it stands in the source.
    """
    found = {}
    for name, field in names.items():
        value = source.get(name)
        if value is not None and field not in found:
            whole = int(value) if isinstance(value, float) and value.is_integer() and abs(value) < MAX_FLOAT else value
            check_value(name, field, whole, "i")
            found[field] = whole
    return found


def numbers(source: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, float]:
    """The numbers above 0 that stand in the source, under their new names; fractions may be among them.

    Raises:
        ConfigError: FIELD_TYPE or FIELD_RANGE, with the name as it stands in the source.
    """
    found = {}
    for name, field in names.items():
        value = source.get(name)
        if value is not None:
            check_value(name, field, float(value) if type(value) is int else value, "f")
            if value <= 0:
                message = f"{name} is {show(value)}; expected a number above 0."
                raise ConfigError("FIELD_RANGE", message, next_step=_IN_CONFIG_JSON, field=name)
            found[field] = float(value)
    return found


def missing(
    found: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    what: str,
    next_step: str,
    required: tuple[str, ...] = REQUIRED_FIELDS,
) -> ConfigError | None:
    """The error for required fields that aren't there, or None.

    Args:
        found: What was found, under the names of transformers.
        names: Name in the source → name in transformers.
        what: What was read (`The params.json`).
        next_step: What to do about it.
        required: The fields that must be there.
    """
    absent = tuple(field for field in required if field not in found)
    if not absent:
        return None
    native = {field: name for name, field in reversed(list(names.items()))}
    listed = [native.get(field, field) for field in absent]
    shown = " and ".join(filter(None, [", ".join(listed[:-1]), listed[-1]]))
    return ConfigError(
        "MISSING_FIELD",
        f"{what} lacks {shown}.",
        next_step=next_step,
        field=absent[0],
        missing_fields=absent,
        required_fields=required,
    )


def unsupported(message: str, field: str, *, next_step: str = _IN_CONFIG_JSON) -> ConfigError:
    """The error for a model that the other format describes and that isn't converted."""
    return ConfigError("UNSUPPORTED", message, next_step=next_step, field=field)


def is_small_llama3(config: Mapping[str, Any]) -> bool:
    """Whether this is Llama 3.2 1B or 3B, the only ones of Meta whose head is the embedding."""
    return config.get("vocab_size") == _LLAMA3_VOCABULARY and config.get("hidden_size") in _TIED_WIDTHS
