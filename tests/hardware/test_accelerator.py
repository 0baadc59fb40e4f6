from __future__ import annotations

import copy
import json
import math
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import budsim_widgets as bw
from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import Accelerator, find
from budsim_widgets.units import GIB


@given(st.floats(min_value=0.001, max_value=16_384))
def test_of_a_card_of_ones_own_the_given_total_is_what_a_process_gets(memory_gib: float) -> None:
    card = Accelerator(name="my card", memory_gib=memory_gib)
    assert card.usable_bytes == int(memory_gib * GIB)
    assert card.usable_bytes_range == (card.usable_bytes, card.usable_bytes)
    assert not card.usable_is_estimate
    assert card.driver_bytes is card.launch_year is card.bandwidth_bytes_per_second is None


def test_it_is_a_public_name() -> None:
    assert bw.Accelerator is Accelerator
    assert bw.accelerators()


def test_without_a_name_it_is_called_by_its_memory() -> None:
    assert Accelerator(memory_gib=20).name == "20 GiB"
    assert Accelerator(memory_gib=20).label == "20 GiB"


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        math.nan,
        math.inf,
        -math.inf,
        1e9,
        10**400,
        pytest.param(10**9999, id="10,000 digits"),
        True,
        "24",
        [24],
        1e-12,
        24 + 0j,
    ],
)
def test_a_total_that_cannot_be_is_refused_with_the_field(value: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        Accelerator(name="my card", memory_gib=value)  # type: ignore[arg-type]
    assert caught.value.field == "memory_gib"


@pytest.mark.parametrize("field", ["memory_bytes", "driver_bytes", "usable_bytes"])
@pytest.mark.parametrize("value", [0, -1, 2**60, 1.5, True, "1"])
def test_bytes_that_cannot_be_are_refused_with_the_field(field: str, value: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        Accelerator(name="my card", **{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bandwidth_bytes_per_second", 0),
        ("interconnect_bytes_per_second", math.nan),
        ("flops", {"bf16": -1}),
        ("flops", [1]),
        ("launch_year", 3000),
        ("launch_year", 2024.5),
        ("name", "a\nb"),
        ("name", "x" * 101),
        ("vendor", "\x1b[31m"),
        ("driver_names", ("\u202e",)),
    ],
)
def test_other_values_that_cannot_be_are_refused_with_the_field(field: str, value: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        Accelerator(memory_gib=24, **{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_an_accelerator_without_memory_is_refused() -> None:
    with pytest.raises(WorkloadError, match="needs its memory") as caught:
        Accelerator(name="my card")
    assert caught.value.field == "memory_gib"


def test_the_total_is_given_once() -> None:
    with pytest.raises(WorkloadError, match="Give one of them"):
        Accelerator(memory_gib=24, usable_bytes=24 * GIB)


@pytest.mark.parametrize("given", ["memory_bytes", "driver_bytes"])
def test_what_a_process_gets_follows_from_the_memory_by_a_rule_and_is_marked(given: str) -> None:
    card = Accelerator(vendor="NVIDIA", **{given: 24 * GIB})  # type: ignore[arg-type]
    least, most = card.usable_bytes_range
    assert 23.2 * GIB < least < card.usable_bytes < most <= 24 * GIB
    assert card.usable_is_estimate


def test_it_cannot_be_changed_by_anybody() -> None:
    card = find("H100")
    with pytest.raises(FrozenInstanceError):
        card.usable_bytes = 1  # type: ignore[misc]
    for change in ("clear", "pop", "popitem", "setdefault", "update"):
        with pytest.raises(TypeError, match="can't be changed"):
            getattr(card.flops, change)("bf16")


def test_it_is_copied_pickled_hashed_and_written_as_json() -> None:
    card = find("H100")
    assert pickle.loads(pickle.dumps(card)) == copy.deepcopy(card) == card  # noqa: S301 - our own
    assert {card: 1}[replace(card)] == 1
    assert replace(card, name="other") != card
    written = json.loads(json.dumps(card.to_dict()))
    assert written["name"] == "H100 80GB"
    assert written["flops"]["bf16"] == 989e12
    assert written["usable_is_estimate"] is False
