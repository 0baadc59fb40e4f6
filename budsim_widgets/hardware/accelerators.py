"""Accelerators and the memory that a process can use on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from budsim_widgets.data import load_table
from budsim_widgets.errors import WorkloadError
from budsim_widgets.units import GIB


@dataclass(frozen=True, kw_only=True)
class Accelerator:
    """A device that models run on.

    Attributes:
        name: Its name and nominal memory, such as `H100 80GB`.
        vendor: Who makes it.
        usable_bytes: What a process can allocate on it; less than its nominal memory and than what the driver shows.
        source: Where the figure was seen.
        is_consumer: Whether it is a desktop card.
    """

    name: str
    vendor: str
    usable_bytes: int
    source: str
    is_consumer: bool


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """The common accelerators, the smallest first.

    Example:
        >>> [accelerator.name for accelerator in accelerators()][:2]
        ['RTX 3060 12GB', 'T4 16GB']
    """
    rows = load_table("accelerators")["accelerators"]
    made = (
        Accelerator(
            name=row["name"],
            vendor=row["vendor"],
            usable_bytes=int(row["usable_gib"] * GIB),
            source=row["source"],
            is_consumer=row["class"] == "consumer",
        )
        for row in rows
    )
    return tuple(sorted(made, key=lambda accelerator: accelerator.usable_bytes))


def find(name: str) -> Accelerator:
    """The accelerator that a person means: `h100`, `NVIDIA A100 80GB`, `rtx4090`.

    Raises:
        WorkloadError: None is called so, or several are.

    Example:
        >>> find("nvidia h100").name
        'H100 80GB'
    """
    asked, by_name = _bare(name), _by_bare_name()
    if asked in by_name:
        return by_name[asked]
    found = [by_name[known] for known in by_name if asked and asked in known]
    if len(found) == 1:
        return found[0]
    names = " or ".join(accelerator.name for accelerator in found or _nearest(asked, by_name))
    raise WorkloadError(
        f"The accelerator {name!r:.60} is {'ambiguous' if found else 'unknown'}.",
        field="accelerator",
        next_step=f"Did you mean {names}?" if names else "`accelerators()` lists those that are known.",
    )


@cache
def _by_bare_name() -> dict[str, Accelerator]:
    return {_bare(accelerator.name): accelerator for accelerator in accelerators()}


@lru_cache(maxsize=256)
def _bare(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    for vendor in ("nvidia", "amd", "geforce", "instinct", "tesla"):
        letters = letters.replace(vendor, "")
    return letters


def _nearest(asked: str, by_name: dict[str, Accelerator]) -> list[Accelerator]:
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    return [by_name[known] for known in get_close_matches(asked, by_name, n=3, cutoff=0.4)]
