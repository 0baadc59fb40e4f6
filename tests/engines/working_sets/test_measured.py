"""Estimates of activations against what forward passes of transformers held, for every class that could be run."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.data import load_table
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.transformers.caches import bytes_before_windows

LEAST_TYPES = 100
MEDIAN_ERROR, USUAL_ERROR, WORST_ERROR = 0.01, 0.05, 0.15
USUAL_SHARE = 0.9
RANGES = load_table("working_sets")["range"]
ATTENTIONS = ("sdpa", "eager")


class Run(NamedTuple):
    """A forward pass: the model, what was measured, and what is said."""

    model_type: str
    is_described: bool
    measured_bytes: int
    num_bytes: int
    least_bytes: int
    most_bytes: int

    @property
    def error(self) -> float:
        """How far the estimate is off; above 0 where it is too large."""
        return self.num_bytes / self.measured_bytes - 1


def rows() -> list[dict[str, Any]]:
    """The configs with what was measured, behind the line that says with what."""
    packed = (Path(__file__).parent / "measured.jsonl.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()[1:]]


@cache
def runs(attention: str) -> tuple[Run, ...]:
    """All forward passes with this attention."""
    found = []
    for row in rows():
        architecture = build(row["config"])
        for batch_size, seq_length, measured in row["runs"].get(attention, ()):
            workload = Workload(batch_size=batch_size, seq_length=seq_length)
            said = Transformers(attention=attention).activations(architecture, workload, "bf16")
            # What was measured is beside the storages of the cache, in which a prompt before its windows still stands.
            passed = bytes_before_windows(architecture, workload, "bf16")
            least, most, num_bytes = (value - passed for value in (said.least_bytes, said.most_bytes, said.num_bytes))
            is_described = not any("aren't described" in note for note in said.notes)
            found.append(Run(architecture.model_type, is_described, measured, num_bytes, least, most))
    return tuple(found)


def described(attention: str) -> list[Run]:
    """Those whose model type is described."""
    return [run for run in runs(attention) if run.is_described]


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_hundred_model_types_are_described(attention: str) -> None:
    assert len({run.model_type for run in described(attention)}) >= LEAST_TYPES


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_described_activations_are_within_the_stated_errors(attention: str) -> None:
    errors = sorted(abs(run.error) for run in described(attention))
    assert median(errors) <= MEDIAN_ERROR
    assert errors[int(USUAL_SHARE * len(errors))] <= USUAL_ERROR
    assert errors[-1] <= WORST_ERROR


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_the_range_of_a_described_model_holds_what_was_measured(attention: str) -> None:
    outside = [run for run in described(attention) if not run.least_bytes <= run.measured_bytes <= run.most_bytes]
    assert not outside


def test_every_row_is_of_a_type_that_was_measured() -> None:
    measured = {
        str(build(row["config"]).text_config.get("model_type") or row["config"]["model_type"]) for row in rows()
    }
    assert load_table("working_sets")["model_types"].keys() <= measured


def test_a_row_that_names_classes_names_those_that_were_measured() -> None:
    measured = {(row["config"]["model_type"], row["config"]["architectures"][0]) for row in rows()}
    named = {
        (model_type, name)
        for model_type, row in load_table("working_sets")["model_types"].items()
        for name in row.get("classes", ())
    }
    assert named
    assert named <= measured


def test_a_model_type_that_nobody_read_says_so() -> None:
    architecture = build(
        {"model_type": "unheard_of", "vocab_size": 1000, "hidden_size": 64, "num_hidden_layers": 2,
         "num_attention_heads": 4, "intermediate_size": 128}
    )  # fmt: skip
    said = Transformers().activations(architecture, Workload(), "bf16")
    assert any("aren't described" in note for note in said.notes)
    assert said.most_bytes == int(said.num_bytes * RANGES["undescribed"][1])


def test_the_docstring_states_errors_that_hold() -> None:
    errors = sorted(abs(run.error) for attention in ATTENTIONS for run in described(attention))
    types = {run.model_type for attention in ATTENTIONS for run in described(attention)}
    stated = (
        f"over {len(types)} model types whose code was read: median error {median(errors):.1%}, nine of ten within 1%"
    )
    assert f"{stated}, none beyond 9%" in " ".join((Transformers.activations.__doc__ or "").split())
    assert errors[int(USUAL_SHARE * len(errors))] <= 0.01
    assert errors[-1] <= 0.09
