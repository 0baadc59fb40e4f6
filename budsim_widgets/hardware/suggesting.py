"""What to say of a name that means no accelerator, or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.hardware.index import by_words, memory_gib
from budsim_widgets.hardware.names import refusal
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.errors import WorkloadError
    from budsim_widgets.hardware.accelerator import Accelerator
    from budsim_widgets.hardware.names import Asked

_MOST_NAMED: Final = 6
_MOST_NEAR: Final = 3
_OWN: Final = 'Accelerator(name="my card", memory_gib=…)'


def unknown(text: str, asked: Asked) -> WorkloadError:
    """No accelerator is called so; the nearest names are given."""
    near = [one.name for one in _nearest(asked)]
    hint = f"Did you mean {_or(near)}?" if near else "`accelerators()` lists those that are known."
    return refusal(f"The accelerator {quoted(text)} is unknown.", f"{hint} For another one: {_OWN}.")


def ambiguous(text: str, candidates: list[Accelerator]) -> WorkloadError:
    """Several are called so."""
    names = _or([one.name for one in candidates])
    return refusal(f"The accelerator {quoted(text)} is ambiguous.", f"Which one: {names}?")


def no_such_memory(text: str, asked: Asked, candidates: list[Accelerator]) -> WorkloadError:
    """Those that are called so have another memory."""
    sizes = _or([f"{size:g}" for size in sorted({memory_gib(one) for one in candidates})])
    given = (asked.memory_mib or 0) / 1024
    return refusal(
        f"The accelerator {quoted(text)} is unknown: it has {sizes} GB, not {given:g}.",
        f"Did you mean {_or([one.name for one in candidates])}? For another one: {_OWN}.",
    )


def _or(names: list[str]) -> str:
    shown = names[:_MOST_NAMED]
    if len(names) > _MOST_NAMED:
        return f"{', '.join(shown)} or others"
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


def _nearest(asked: Asked) -> Iterable[Accelerator]:
    """The accelerators whose words are most like those asked for."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    spelt = {" ".join(words): entries for words, entries in by_words().items()}
    near = get_close_matches(" ".join(asked.words), spelt, n=_MOST_NEAR * 2, cutoff=0.6)
    found = dict.fromkeys(entry.accelerator for name in near for entry in spelt[name][:1])
    return list(found)[:_MOST_NEAR]
