"""Estimates of activations against what forward passes of transformers held."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory.configs import RELEASED, released

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers, Workload

MEASURED: dict[str, Any] = json.loads((Path(__file__).parent / "released_activations.json").read_text("utf-8"))[
    "models"
]

MEDIAN_ERROR, WORST_ERROR = 0.001, 0.08


def _errors(name: str) -> list[float]:
    architecture = build(MEASURED[name]["config"])
    return [
        Transformers().activations(architecture, Workload(batch_size=batch, seq_length=length), "bf16").num_bytes
        / measured
        - 1
        for batch, length, measured in MEASURED[name]["runs"]
    ]


@pytest.mark.parametrize("name", MEASURED)
def test_the_estimate_lies_within_the_stated_error_of_what_was_measured(name: str) -> None:
    assert max(abs(error) for error in _errors(name)) < WORST_ERROR


def test_the_median_error_is_the_stated_one() -> None:
    assert median(abs(error) for name in MEASURED for error in _errors(name)) < MEDIAN_ERROR


@given(name=st.sampled_from(sorted(RELEASED)), batch=st.integers(1, 64), length=st.integers(1, 100_000))
def test_more_tokens_never_take_less(name: str, batch: int, length: int) -> None:
    def taken(batch_size: int, seq_length: int) -> int:
        workload = Workload(batch_size=batch_size, seq_length=seq_length)
        return Transformers().activations(released(name), workload, "bf16").num_bytes

    assert 0 < taken(batch, length) <= taken(batch + 1, length)
    assert taken(batch, length) <= taken(batch, length + 1)


def test_fp32_takes_twice_as_much_per_token() -> None:
    llama, workload = released("llama"), Workload(seq_length=8192)
    wide, narrow = (Transformers().activations(llama, workload, dtype).num_bytes for dtype in ("fp32", "bf16"))
    ids = 8192 * 8
    assert wide - ids == 2 * (narrow - ids)


@pytest.mark.parametrize("name", ["llama", "mixtral", "deepseek_v3"])
def test_tensor_parallel_divides_the_blocks_and_not_the_residual_stream(name: str) -> None:
    one, eight = (
        Transformers().activations(released(name), Workload(tensor_parallel=ranks), "bf16").num_bytes
        for ranks in (1, 8)
    )
    assert one / 8 < eight < one
