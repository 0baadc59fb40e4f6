"""Single values of training settings, checked: each is given back as the settings keep it.

All raise a WorkloadError whose `.field` is the parameter.
"""

from __future__ import annotations

from operator import index
from typing import Any, Final, cast

from budsim_widgets.engines.names import unknown_name
from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import counted, quoted
from budsim_widgets.training import names

ALL_LINEAR: Final = "all-linear"


def count_of(field: str, value: object, most: int) -> int:
    """A whole number up to a limit."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        message = f"{field} must be a whole number, not {quoted(value, 80)}."
        raise WorkloadError(message, field=field, next_step=f"Give {field} as in {field}=1.")
    number = index(cast("Any", value))
    if not 0 < number <= most:
        message = f"{field} is {counted(number)}; it must be between 1 and {most:,}."
        raise WorkloadError(message, field=field, next_step=f"Choose a {field} from 1 to {most:,}.")
    return number


def choice_of(field: str, value: object, known: tuple[str, ...]) -> str:
    """One of the known names, from one as people write it."""
    if isinstance(value, str):
        name = value.strip().lower()
        for spelling in (name, names.SPELLINGS.get(field, {}).get(name), name.replace("_", "-")):
            if spelling in known:
                return spelling
    raise unknown_name(field, value, known)


def flag_of(field: str, value: object) -> bool:
    """True or False."""
    if isinstance(value, bool):
        return value
    raise WorkloadError(f"{field} is True or False, not {quoted(value, 80)}.", field=field)


def checkpointing_of(value: object) -> bool | str:
    """True, False, or `offload`, which Unsloth calls by its own name."""
    if isinstance(value, str) and value.strip().lower() in {"offload", "unsloth"}:
        return "offload"
    return flag_of("gradient_checkpointing", value)


def names_of(field: str, value: object) -> tuple[str, ...]:
    """Names of modules; a single one may stand alone."""
    given = (value,) if isinstance(value, str) else value
    if isinstance(given, (tuple, list, set, frozenset)) and all(isinstance(name, str) and name for name in given):
        return tuple(sorted(given) if isinstance(given, (set, frozenset)) else given)
    example = f'{field}=("embed_tokens", "lm_head")'
    raise WorkloadError(
        f"{field} takes names of modules, not {quoted(value, 80)}.", field=field, next_step=f"As in {example}."
    )


def targets_of(value: object) -> str | tuple[str, ...]:
    """`all-linear`, or names of modules, of which there must be one."""
    if isinstance(value, str) and value.strip().lower().replace("_", "-") == ALL_LINEAR:
        return ALL_LINEAR
    found = names_of("lora_targets", value)
    if not found:
        message = "lora_targets is empty: no module would get an adapter."
        raise WorkloadError(message, field="lora_targets", next_step='Give names, or "all-linear".')
    return found
