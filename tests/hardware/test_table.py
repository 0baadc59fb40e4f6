"""The table of accelerators: what is said of each, where it comes from, and that it agrees with itself."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from statistics import median

import pytest

from budsim_widgets.data import load_table
from budsim_widgets.hardware import Accelerator, accelerators, common_accelerators
from budsim_widgets.hardware.usable import usable_memory
from budsim_widgets.units import GIB

TABLE = load_table("accelerators")
ROWS = TABLE["accelerators"]
KEYS = {
    "memory_gb": "memory",
    "driver_mib": "driver",
    "usable_gib": "usable",
    "bandwidth_gb_s": "bandwidth",
    "dense_tflops": "flops",
    "interconnect_gb_s": "interconnect",
    "launch_year": "year",
}
MIB = 2**20


def named(row: dict[str, object]) -> str:
    return str(row["name"])


def test_there_are_more_than_230_of_every_kind() -> None:
    assert len(accelerators()) == len(ROWS) >= 230
    kinds = Counter((row["vendor"], row["kind"]) for row in ROWS)
    assert min(kinds["NVIDIA", kind] for kind in ("data center", "workstation", "desktop", "laptop")) > 20
    assert min(kinds["AMD", kind] for kind in ("data center", "workstation", "desktop")) > 5
    assert {"Apple", "Google", "AWS", "Intel"} <= {row["vendor"] for row in ROWS}
    assert {f"M{generation}" for generation in range(1, 6)} <= {row["name"].split()[0] for row in ROWS}


def test_no_two_have_one_name() -> None:
    assert max(Counter(row["name"] for row in ROWS).values()) == 1


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_each_figure_has_a_source_and_nothing_else_has(row: dict[str, dict[str, str]]) -> None:
    figures = {key for figure, key in KEYS.items() if figure in row}
    assert set(row["sources"]) - {"driver_names"} == figures
    assert all(row["sources"].values())


def test_every_source_is_used() -> None:
    used = {source.split(" (")[0] for row in ROWS for source in row["sources"].values()}
    assert set(TABLE["sources"]) <= used | {"hg"}


@pytest.mark.parametrize("accelerator", accelerators(), ids=lambda one: one.name)
def test_a_process_gets_no_more_than_the_driver_shows_and_that_no_more_than_was_sold(accelerator: Accelerator) -> None:
    memory, driver, usable = accelerator.memory_bytes, accelerator.driver_bytes, accelerator.usable_bytes
    assert memory is not None
    least, most = accelerator.usable_bytes_range
    assert least <= usable <= most <= 1.01 * (driver or memory)
    assert driver is None or 0.9 * memory < driver <= memory
    least_share = 0.5 if accelerator.unified_memory else 0.92
    assert usable >= least_share * (driver or memory) * (15 / 16)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_memory_is_in_the_name(row: dict[str, object]) -> None:
    assert named(row).endswith(f" {row['memory_gb']}GB")


def test_what_is_estimated_is_marked() -> None:
    by_name = {accelerator.name: accelerator for accelerator in accelerators()}
    for row in ROWS:
        accelerator = by_name[row["name"]]
        assert ("estimate" in accelerator.source) == ("usable_gib" not in row)
        if "usable_gib" not in row:
            assert accelerator.usable_is_estimate


def test_the_rule_for_nvidias_cards_is_as_near_as_it_says() -> None:
    cards = [row for row in ROWS if row["vendor"] == "NVIDIA" and row["kind"] != "unified" and "usable_gib" in row]
    errors = []
    for row in cards:
        shown = row.get("driver_mib")
        rule = usable_memory(
            "NVIDIA",
            row["kind"],
            shown * MIB if shown else row["memory_gb"] * GIB,
            is_shown=bool(shown),
            inline_ecc=row.get("inline_ecc", False),
        )
        usable = row["usable_gib"] * GIB
        assert rule.least_bytes <= usable <= rule.most_bytes + 0.01 * GIB, row["name"]
        errors += [abs(rule.num_bytes - usable) / GIB] if shown else []
    assert len(errors) >= 28
    assert median(errors) < 0.045
    assert max(errors) < 0.47


def test_the_rule_for_macs_agrees_with_every_size_that_was_measured() -> None:
    for row in ROWS:
        if row["vendor"] == "Apple" and "usable_gib" in row:
            rule = usable_memory("Apple", "unified", row["memory_gb"] * GIB)
            assert abs(rule.num_bytes / GIB - row["usable_gib"]) < 0.01 * row["memory_gb"], row["name"]


@pytest.mark.parametrize(
    ("name", "usable_gib"),
    [("T4 16GB", 14.56), ("H100 80GB", 79.11), ("M3 Max 128GB", 107.52), ("RTX 4090 24GB", 23.51)],
)
def test_known_figures(name: str, usable_gib: float) -> None:
    (found,) = [one for one in accelerators() if one.name == name]
    assert found.usable_bytes == int(usable_gib * GIB)


def test_plans_are_made_for_common_ones_in_order_of_their_memory() -> None:
    sizes = [accelerator.usable_bytes for accelerator in common_accelerators()]
    assert len(sizes) >= 12
    assert sizes == sorted(sizes)
    assert all(one.vendor in {"NVIDIA", "AMD"} and not one.usable_is_estimate for one in common_accelerators())


def test_the_table_stays_small() -> None:
    table = files("budsim_widgets.data") / "accelerators.json"
    assert len(table.read_bytes()) < 300_000
