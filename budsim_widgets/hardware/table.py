"""The accelerators of `data/accelerators.json`, read when the first of them is asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.data import load_table
from budsim_widgets.hardware.accelerator import Accelerator
from budsim_widgets.hardware.usable import least_share_of_mac, usable_memory
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Mapping

_GB: Final = 1e9
_TERA: Final = 1e12
_MIB: Final = 2**20
_BY_SYSTEM: Final = "metal"


class Known(NamedTuple):
    """An accelerator of the table.

    Attributes:
        accelerator: What it is.
        aliases: Other names that people use.
        is_common: Whether it is one of the few that plans are made for.
    """

    accelerator: Accelerator
    aliases: tuple[str, ...]
    is_common: bool


@cache
def known_accelerators() -> tuple[Known, ...]:
    """Every accelerator of the table with its other names; of one name the usual variant first."""
    table = load_table("accelerators")
    sources = table["sources"]
    return tuple(
        Known(_accelerator(row, sources), tuple(row.get("aliases", ())), row.get("common", False))
        for row in table["accelerators"]
    )


def accelerators() -> tuple[Accelerator, ...]:
    """Every known accelerator, by vendor and kind.

    Example:
        >>> [one.name for one in accelerators() if one.vendor == "NVIDIA" and one.launch_year == 2025][:2]
        ['RTX PRO 6000 Blackwell Server 96GB', 'RTX PRO 6000 Blackwell Workstation 96GB']
    """
    return _all()


@cache
def common_accelerators() -> tuple[Accelerator, ...]:
    """The few that plans are made for: what is rented most, and the usual desktop cards; the smallest first.

    Example:
        >>> [accelerator.name for accelerator in common_accelerators()][:2]
        ['RTX 3060 12GB', 'T4 16GB']
    """
    common = (known.accelerator for known in known_accelerators() if known.is_common)
    return tuple(sorted(common, key=lambda accelerator: accelerator.usable_bytes))


@cache
def _all() -> tuple[Accelerator, ...]:
    return tuple(known.accelerator for known in known_accelerators())


def _accelerator(row: Mapping[str, Any], sources: Mapping[str, str]) -> Accelerator:
    memory_bytes, driver_mib = int(row["memory_gb"] * GIB), row.get("driver_mib")
    driver_bytes = driver_mib and driver_mib * _MIB
    usable_bytes, usable_range = _usable(row, memory_bytes, driver_bytes)
    return Accelerator(
        name=row["name"],
        vendor=row["vendor"],
        memory_bytes=memory_bytes,
        driver_bytes=driver_bytes,
        usable_bytes=usable_bytes,
        bandwidth_bytes_per_second=_scaled(row.get("bandwidth_gb_s"), _GB),
        flops={dtype: rate * _TERA for dtype, rate in row.get("dense_tflops", {}).items()},
        interconnect_bytes_per_second=_scaled(row.get("interconnect_gb_s"), _GB),
        driver_names=tuple(row["driver_names"]),
        unified_memory=row["kind"] == "unified" or row.get("unified", False),
        launch_year=row.get("launch_year"),
        source=_source(row["sources"], sources),
        usable_bytes_range=usable_range,
    )


def _usable(row: Mapping[str, Any], memory_bytes: int, driver_bytes: int | None) -> tuple[int, tuple[int, int]]:
    if "usable_gib" not in row:
        shown = driver_bytes is not None
        ecc = row.get("inline_ecc", False)
        rule = usable_memory(row["vendor"], row["kind"], driver_bytes or memory_bytes, is_shown=shown, inline_ecc=ecc)
        return rule.num_bytes, (rule.least_bytes, rule.most_bytes)
    usable_bytes = int(row["usable_gib"] * GIB)
    if row["sources"]["usable"] == _BY_SYSTEM:
        return usable_bytes, (int(memory_bytes * least_share_of_mac(memory_bytes)), usable_bytes)
    return usable_bytes, (usable_bytes, usable_bytes)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _source(keys: Mapping[str, str], sources: Mapping[str, str]) -> str:
    """`memory: …; usable: …`: each figure with the text of its source."""
    named = {figure: sources.get(key, key) for figure, key in keys.items()}
    if "usable" not in named:
        named["usable"] = "estimate by the rule of its class"
    return "; ".join(f"{figure}: {text}" for figure, text in named.items())
