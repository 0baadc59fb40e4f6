"""The accelerator that a person means by a name.

A name that several accelerators have is settled by these rules, in this order; otherwise it is refused with what it
may mean:

1. Memory that is named must be the accelerator's (within 7 %: tools show less than what is sold).
2. A name that the table or people give one of them without its memory means that one: `RTX 3080` is the one of 10 GB.
3. Where all of them have the same memory, the first in the table: `V100 16GB` is the SXM2 one, not the PCIe one.
4. A name that only one driver reports: `NVIDIA RTX A2000`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from budsim_widgets.hardware.accelerator import Accelerator
from budsim_widgets.hardware.index import bare, by_whole_name, by_words, memory_gib
from budsim_widgets.hardware.names import readings, refusal
from budsim_widgets.hardware.suggesting import ambiguous, no_such_memory, unknown
from budsim_widgets.hardware.table import accelerators
from budsim_widgets.hardware.usable import usable_memory
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.hardware.index import Entry
    from budsim_widgets.hardware.names import Asked

MAX_COUNT: Final = 1_024
"""The most accelerators that a text may count: as many as tensor parallelism goes over."""

_MIB: Final = 2**20
_TOLERANCE: Final = 0.07
_MOST_MIB: Final = 16_384 * 1024


@runtime_checkable
class HasAccelerator(Protocol):
    """Something found on a machine."""

    accelerator: Accelerator


def find_accelerator(text: str | Accelerator | HasAccelerator | Mapping[str, Any]) -> tuple[Accelerator, int]:
    """The accelerator that a person means, and how many of them.

    Args:
        text: A name as people or drivers write it, with a count (`2x3090`) or without; an amount of memory (`24 GB` is
            a card sold with so much, `24 GiB` what CUDA reports); an accelerator, or the dict of one
            (`Accelerator.to_dict`).

    Raises:
        WorkloadError: None is called so, several are, or the count is none or too large; `.field` is `accelerator`.

    Example:
        >>> accelerator, count = find_accelerator("2x3090")
        >>> accelerator.name, count
        ('RTX 3090 24GB', 2)
    """
    if isinstance(text, Accelerator):
        return text, 1
    if isinstance(text, str):
        return _found(text)
    if isinstance(text, HasAccelerator):
        return text.accelerator, 1
    if isinstance(text, Mapping):
        return Accelerator.from_dict(text), 1
    raise refusal(f"{type(text).__name__} names no accelerator.", "Give a name such as RTX 4090, or an Accelerator.")


def name_or_dict(accelerator: Accelerator) -> str | dict[str, Any]:
    """What `find_accelerator` takes for this accelerator, as JSON has it: its name in the table, else its fields.

    Example:
        >>> name_or_dict(find("4090"))
        'RTX 4090 24GB'
    """
    if accelerator in accelerators():
        return accelerator.name
    return accelerator.to_dict()


def find(name: str) -> Accelerator:
    """The accelerator that a person means, however many of them.

    Raises:
        WorkloadError: As of `find_accelerator`.

    Example:
        >>> find("nvidia h100").name
        'H100 80GB'
    """
    return find_accelerator(name)[0]


@lru_cache(maxsize=256)
def _found(text: str) -> tuple[Accelerator, int]:
    asked_for = tuple(readings(text))
    for asked in asked_for:
        chosen = _chosen(text, asked)
        if chosen is not None:
            return chosen, _checked_count(asked.num_devices)
    raise unknown(text, asked_for[-1])


def _chosen(text: str, asked: Asked) -> Accelerator | None:
    """The accelerator that one reading of a text names; None where nothing is called so.

    Raises:
        WorkloadError: Several are called so, or those that are have another memory.
    """
    whole = by_whole_name().get(bare(asked.name), ())
    if len(whole) == 1:
        return whole[0]
    if not asked.words:
        return None if asked.memory_mib is None else _of_memory(asked, asked.memory_mib)
    entries = _entries(asked.words)
    if not entries:
        return None
    fitting = [entry for entry in entries if _has_memory(entry.accelerator, asked.memory_mib)]
    if not fitting:
        raise no_such_memory(text, asked, _each_once(entries))
    settled = _settled(fitting, is_memory_named=asked.memory_mib is not None)
    if settled is None:
        raise ambiguous(text, _each_once(fitting))
    return settled


def _entries(words: tuple[str, ...]) -> tuple[Entry, ...]:
    found = by_words().get(words, ())
    # several of them: 3090s
    return found or by_words().get(tuple(word for word in words if word != "s"), ())


def _checked_count(count: int) -> int:
    if 1 <= count <= MAX_COUNT:
        return count
    raise refusal(f"{count:,} accelerators are not between 1 and {MAX_COUNT:,}.", "Write a number such as 2x3090.")


def _settled(entries: list[Entry], *, is_memory_named: bool) -> Accelerator | None:
    """The one that the rules choose, or None."""
    whole = [entry for entry in entries if entry.is_full] or entries
    named = [entry for entry in whole if not entry.has_memory and not entry.is_driver_name]
    if named and not is_memory_named and len({memory_gib(entry.accelerator) for entry in named}) == 1:
        return named[0].accelerator
    for group in (whole, entries):
        if len({memory_gib(entry.accelerator) for entry in group}) == 1:
            return group[0].accelerator
    reported = _each_once(entry for entry in whole if entry.is_driver_name and not entry.has_memory)
    return reported[0] if len(reported) == 1 and not named else None


def _has_memory(accelerator: Accelerator, memory_mib: float | None) -> bool:
    if memory_mib is None:
        return True
    own = accelerator.memory_bytes or accelerator.usable_bytes
    return abs(memory_mib * _MIB / own - 1) <= _TOLERANCE


def _each_once(entries: Iterable[Entry]) -> list[Accelerator]:
    return list(dict.fromkeys(entry.accelerator for entry in entries))


def _of_memory(asked: Asked, memory_mib: float) -> Accelerator:
    """A card of which only the memory is known."""
    if not 1 <= memory_mib <= _MOST_MIB:
        raise refusal(f"{memory_mib / 1024:g} GB are the memory of no accelerator.", "Write an amount such as 24 GB.")
    num_bytes = int(memory_mib * _MIB)
    if asked.is_binary:
        return Accelerator(name=f"{num_bytes / GIB:g} GiB", memory_gib=num_bytes / GIB, source="given")
    rule = usable_memory("", "", num_bytes)
    return Accelerator(
        name=f"{num_bytes / GIB:g} GB",
        memory_bytes=num_bytes,
        usable_bytes=rule.num_bytes,
        usable_bytes_range=(rule.least_bytes, rule.most_bytes),
        source="memory: given; usable: estimate by the rule for NVIDIA's cards",
    )
