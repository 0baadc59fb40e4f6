"""Names that a person chooses from a list: engines and precisions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import WorkloadError
from budsim_widgets.printable import quoted
from budsim_widgets.units import short_dtype

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPELLINGS: Final[dict[str, str]] = {
    "4bit": "int4",
    "4-bit": "int4",
    "8bit": "int8",
    "8-bit": "int8",
    "nf4": "int4",
    "fp8_e4m3": "fp8",
    "gptq": "gptq-int4",
    "awq": "awq-int4",
    "f16": "fp16",
    "f32": "fp32",
}


@cache
def _spellings() -> dict[str, str]:
    from budsim_widgets.formats.gguf.file_types import ALIASES  # noqa: PLC0415 - most names are spelled as they are

    return {**_SPELLINGS, **{alias.lower(): name for alias, name in ALIASES.items()}}


def known_precision(field: str, value: object, known: tuple[str, ...], engine: str) -> str:
    """The name of a precision as the engine has it, from one as people write it.

    Args:
        field: The parameter, such as `precision`.
        value: What was given.
        known: What the engine has.
        engine: What people call the engine.

    Raises:
        WorkloadError: The engine doesn't have it; the next step names those that it has.

    Example:
        >>> known_precision("precision", "bfloat16", ("auto", "bf16"), "vLLM")
        'bf16'
    """
    if isinstance(value, str):
        if value in known:
            return value
        name = value.strip().lower()
        by_lower = {spelling.lower(): spelling for spelling in known}
        for spelling in (name, _spellings().get(name), short_dtype(name)):
            if spelling is not None and spelling.lower() in by_lower:
                return by_lower[spelling.lower()]
        _refuse_label(field, value, known, engine)
    raise unknown_name(field, value, known, f"{engine} has no {field} {quoted(value, 80)}.")


def unknown_name(field: str, value: object, known: tuple[str, ...], message: str | None = None) -> WorkloadError:
    """The error for a name that isn't in a list; the next step gives the nearest one, and the list."""
    near = nearest(value.strip().lower(), known) if isinstance(value, str) else None
    hint = f"Did you mean {near!r}? " if near else ""
    return WorkloadError(
        message or f"{field} {quoted(value, 80)} is unknown.",
        field=field,
        next_step=f"{hint}Choose one of {', '.join(known)}.",
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelt most like this one, or None where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    by_lower = {spelling.lower(): spelling for spelling in known}
    return next((by_lower[match] for match in get_close_matches(name[:100].lower(), tuple(by_lower), n=1)), None)


def _refuse_label(field: str, value: str, known: tuple[str, ...], engine: str) -> None:
    """Refuses a label that GGUF files have, by what it is, where the engine runs such files."""
    from budsim_widgets.formats.gguf.labels import other_label  # noqa: PLC0415 - only who misspells a name loads them

    label = other_label(value)
    if label is None or label.nearest not in known:
        return
    raise WorkloadError(
        f"{engine} has no {field} {quoted(value, 80)}: {label.why}.",
        field=field,
        next_step=f"Choose {label.nearest}, the nearest, or give the .gguf file itself.",
    )
