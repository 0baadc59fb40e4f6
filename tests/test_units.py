from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.units import DTYPE_BITS, common_unit, dtype_bytes, format_bytes, format_count, short_dtype

SIZES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}


@given(st.integers(min_value=0, max_value=10**18))
def test_a_formatted_size_reads_back_within_its_digits(num_bytes: int) -> None:
    number, unit = format_bytes(num_bytes).split()
    assert float(number.replace(",", "")) * SIZES[unit] == pytest.approx(num_bytes, rel=6e-3, abs=0.5)


@given(st.integers(min_value=0, max_value=10**15))
def test_a_formatted_count_reads_back_within_its_digits(count: int) -> None:
    text = format_count(count)
    scale = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}.get(text[-1], 1)
    assert float(text.rstrip("KMBT").replace(",", "")) * scale == pytest.approx(count, rel=6e-3)


@pytest.mark.parametrize("name", DTYPE_BITS)
def test_a_short_name_stands_for_itself(name: str) -> None:
    assert short_dtype(name) == name
    assert dtype_bytes(name) * 8 == DTYPE_BITS[name]


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers())))
def test_no_value_of_a_config_breaks_the_search_for_a_format(value: object) -> None:
    assert short_dtype(value) in {None, *DTYPE_BITS}


@given(st.lists(st.integers(0, 10**18), min_size=1))
def test_in_the_unit_of_the_largest_every_number_of_a_column_can_be_compared(values: list[int]) -> None:
    unit = common_unit(values)
    assert unit.size <= max(1, *values)
    for value in values:
        number = unit.number(value)
        assert float(number.replace(",", "").lstrip("<")) * unit.size == pytest.approx(value, abs=0.011 * unit.size)
        assert unit.amount(value) == f"{number} {unit.name}"
