from __future__ import annotations

import pytest

from budsim_widgets.data import load_table
from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import accelerators, find
from budsim_widgets.units import GIB

ROWS = load_table("accelerators")["accelerators"]


def test_there_is_a_dozen_and_more_in_order_of_their_memory() -> None:
    sizes = [accelerator.usable_bytes for accelerator in accelerators()]
    assert len(sizes) == len(ROWS) >= 12
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_process_gets_less_than_the_driver_shows_and_the_source_is_named(row: dict[str, object]) -> None:
    driver_gib, usable_gib = float(str(row["driver_mib"])) / 1024, float(str(row["usable_gib"]))
    assert 0.93 * driver_gib < usable_gib < driver_gib
    assert row["source"]


def test_the_nominal_memory_is_in_the_name() -> None:
    for accelerator in accelerators():
        nominal = int(accelerator.name.split()[-1].removesuffix("GB"))
        assert 0.9 * nominal < accelerator.usable_bytes / GIB < 1.001 * nominal


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("H100 80GB", "H100 80GB"),
        ("h100", "H100 80GB"),
        ("NVIDIA H100", "H100 80GB"),
        ("rtx4090", "RTX 4090 24GB"),
        ("GeForce RTX 3060", "RTX 3060 12GB"),
        ("Tesla T4", "T4 16GB"),
        ("a100-80gb", "A100 80GB"),
        ("AMD Instinct MI300X", "MI300X 192GB"),
    ],
)
def test_an_accelerator_is_found_by_the_names_that_people_use(asked: str, name: str) -> None:
    assert find(asked).name == name


@pytest.mark.parametrize(
    ("asked", "said", "hint"),
    [("a100", "ambiguous", "A100 40GB or A100 80GB"), ("H10000", "unknown", "H100"), ("", "unknown", "accelerators()")],
)
def test_what_is_not_found_gets_a_hint(asked: str, said: str, hint: str) -> None:
    with pytest.raises(WorkloadError, match=said) as caught:
        find(asked)
    assert hint in caught.value.next_step
