"""Which accelerators a name may mean: an index over every name that the table, drivers and people give them."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.hardware.names import memory_and_words
from budsim_widgets.hardware.table import known_accelerators
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from budsim_widgets.hardware.accelerator import Accelerator
    from budsim_widgets.hardware.table import Known

_OPTIONAL: Final = frozenset(
    [
        "rtx",
        "gtx",
        "rx",
        "arc",
        "quadro",
        "ada",
        "sxm",
        "blackwell",
        "workstation",
        "server",
        "dgx",
        "data",
        "center",
        "ai",
        "ryzen",
        "tpu",
        "jetson",
        "agx",
    ]
)
_MOST_OPTIONAL: Final = 4


class Entry(NamedTuple):
    """One name of one accelerator.

    Attributes:
        accelerator: Which.
        has_memory: Whether the name says its memory.
        is_full: Whether it is the whole name, nothing left out.
        is_driver_name: Whether it is what a driver says.
    """

    accelerator: Accelerator
    has_memory: bool
    is_full: bool
    is_driver_name: bool


def bare(text: str) -> str:
    """A name without upper case, spaces and signs.

    Example:
        >>> bare("NVIDIA A100-SXM4-80GB")
        'nvidiaa100sxm480gb'
    """
    return "".join(filter(str.isalnum, text.lower()))


@cache
def by_whole_name() -> dict[str, tuple[Accelerator, ...]]:
    """The accelerators by each name of theirs, bare, with and without their vendor."""
    found: dict[str, dict[Accelerator, None]] = {}
    for known in known_accelerators():
        own = known.accelerator
        names = (own.name, *known.aliases, *own.driver_names)
        for name in (*names, f"{own.vendor} {own.name}"):
            found.setdefault(bare(name), {})[own] = None
    return {name: tuple(those) for name, those in found.items()}


@cache
def by_words() -> dict[tuple[str, ...], tuple[Entry, ...]]:
    """The names by their words, those included that leave out what people leave out; the table's order is kept."""
    found: dict[tuple[str, ...], dict[Entry, None]] = {}
    for known in known_accelerators():
        for words, entry in _entries(known):
            found.setdefault(words, {})[entry] = None
    return {words: tuple(entries) for words, entries in found.items()}


def memory_gib(accelerator: Accelerator) -> float:
    """Its memory as sold, in GiB."""
    return (accelerator.memory_bytes or accelerator.usable_bytes) / GIB


def _entries(known: Known) -> Iterator[tuple[tuple[str, ...], Entry]]:
    own = known.accelerator
    for name in (own.name, *known.aliases):
        yield from _of_name(own, name, is_driver_name=False)
    for name in own.driver_names:
        yield from _of_name(own, name, is_driver_name=True)


def _of_name(accelerator: Accelerator, name: str, *, is_driver_name: bool) -> Iterator[tuple[tuple[str, ...], Entry]]:
    memory_mib, words = memory_and_words(name)
    for shorter in _shortened(words):
        yield shorter, Entry(accelerator, memory_mib is not None, shorter == words, is_driver_name)


def _shortened(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The words, and the words without one or several of those that people leave out."""
    optional = [word for word in words if word in _OPTIONAL][:_MOST_OPTIONAL]
    for count in range(len(optional) + 1):
        for left_out in combinations(optional, count):
            shorter = tuple(word for word in words if word not in left_out)
            if any(map(str.isdigit, shorter)) or shorter == words:
                yield shorter
