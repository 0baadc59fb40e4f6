"""The lines of a report."""

from __future__ import annotations

import pytest

from budsim_widgets.memory.lines import lines_of

HELD = {"weights": 64, "projector": 0, "kv_cache": 0, "state": 0, "activations": 8, "overhead": 8}


@pytest.mark.parametrize("part", ["projector", "state"])
def test_a_part_that_few_models_have_is_left_out_where_there_is_none(part: str) -> None:
    assert part not in [line.key for line in lines_of(HELD, {}, {})]
    assert part in [line.key for line in lines_of(HELD | {part: 1}, {}, {})]


def test_a_cache_of_nothing_is_a_line_all_the_same() -> None:
    assert [line.key for line in lines_of(HELD, {}, {})] == ["weights", "kv_cache", "activations", "overhead"]


def test_what_nobody_claims_is_an_estimate() -> None:
    assert {line.basis for line in lines_of(HELD, {}, {})} == {"estimate"}
    assert lines_of(HELD, {"weights": "exact"}, {"weights": "bf16"})[0][3:] == ("exact", "bf16")
