"""The total beside what others measured on GPUs (published_runs.jsonl says who)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.training.measuring import measure_training
from budsim_widgets.training.settings import TrainingSettings

LINES = [json.loads(line) for line in (Path(__file__).parent / "published_runs.jsonl").read_text("utf-8").splitlines()]
CONFIGS: dict[str, dict[str, Any]] = LINES[0]["configs"]
ROWS: list[dict[str, Any]] = LINES[1:]
GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128}


class Compared(NamedTuple):
    """One run: the relative error of our total, and whether the range holds what was measured."""

    error: float
    is_inside: bool


def compared(row: dict[str, Any]) -> Compared:
    config = {**CONFIGS[row["model"]], **({"quantization_config": GPTQ} if row["is_gptq"] else {})}
    settings = TrainingSettings.of(**row["settings"], seq_length=row["seq_length"], batch_size=row["batch_size"])
    report = measure_training(build(config), settings)
    process = 0 if row["includes_process"] else report.overhead_bytes
    measured = row["measured_gb"] * 1e9 / row["devices_in_sum"]
    low, high = (end - process for end in report.total_bytes_range)
    return Compared((report.total_bytes - process) / measured - 1, low <= measured <= high)


@cache
def all_compared() -> tuple[Compared, ...]:
    return tuple(map(compared, ROWS))


def test_half_of_the_runs_are_within_eight_percent_and_nine_of_ten_within_eighteen() -> None:
    errors = sorted(abs(one.error) for one in all_compared())
    assert len(errors) >= 70
    assert errors[len(errors) // 2] <= 0.08
    assert errors[len(errors) * 9 // 10] <= 0.18
    assert errors[-1] <= 0.25


def test_the_range_holds_most_of_what_was_measured() -> None:
    inside = sum(one.is_inside for one in all_compared())
    assert inside >= 0.85 * len(ROWS)


@pytest.mark.parametrize("model", CONFIGS)
def test_no_model_is_off_to_one_side_by_more_than_a_fifth(model: str) -> None:
    errors = [one.error for row, one in zip(ROWS, all_compared(), strict=True) if row["model"] == model]
    assert errors
    assert abs(sum(errors) / len(errors)) < 0.2
