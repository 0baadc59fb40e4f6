from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory.configs import LLAMA_70B, RELEASED, released

from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import recommend
from budsim_widgets.fitting.demand import demand_of
from budsim_widgets.fitting.recommendations import HEADROOM, smallest_place
from budsim_widgets.hardware import common_accelerators
from budsim_widgets.memory import measure
from budsim_widgets.memory.measured import measured
from budsim_widgets.units import format_bytes

workloads = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 256),
        "seq_length": st.integers(1, 10**6),
        "precision": st.sampled_from(["auto", "bf16", "fp8", "awq-int4"]),
        "engine": st.sampled_from(["transformers", "vllm"]),
        "pipeline_parallel": st.sampled_from([1, 2, 4]),
    }
)


@settings(max_examples=200)
@given(name=st.sampled_from(sorted(RELEASED)), workload=workloads)
def test_there_are_one_to_four_short_sentences(name: str, workload: dict[str, Any]) -> None:
    sentences = recommend(measure(released(name), Workload(**workload)))
    assert 1 <= len(sentences) <= 4
    assert all(sentence.endswith(".") and len(sentence) < 160 for sentence in sentences)


@given(name=st.sampled_from(sorted(RELEASED)), workload=workloads)
def test_the_place_holds_the_model_with_headroom_and_no_smaller_single_card_does(
    name: str, workload: dict[str, Any]
) -> None:
    demand = demand_of(measured(released(name), Workload(**{**workload, "pipeline_parallel": 1})))
    place = smallest_place(demand)
    holding = [a for a in common_accelerators() if demand.total_bytes <= int(a.usable_bytes * HEADROOM)]
    if holding:
        assert place is not None
        assert (place.count, place.accelerator) == (1, holding[0])
    else:
        assert place is None or place.count > 1


def test_a_small_model_gets_one_sentence() -> None:
    (sentence,) = recommend(measure(released("gpt2"), Workload(seq_length=1024)))
    assert sentence.startswith("Fits on one NVIDIA RTX 3060 12GB: ")


def test_llama_70b_is_told_what_int4_would_save() -> None:
    report = measure(build(LLAMA_70B), Workload(seq_length=8192))
    smaller = measure(build(LLAMA_70B), replace(report.workload, precision="int4"))
    saved, left = report.total_bytes - smaller.total_bytes, smaller.total_bytes
    sentences = recommend(report)
    assert sentences[0].startswith("Fits on one NVIDIA B200")
    assert sentences[1] == "On smaller cards it needs 2 x NVIDIA H100 80GB."
    assert f"precision='int4' saves {format_bytes(saved)} and leaves {format_bytes(left)}" in sentences[2]


def test_a_long_context_is_told_what_a_smaller_cache_or_half_of_it_would_save() -> None:
    text = " ".join(recommend(measure(released("llama"), Workload(seq_length=900_000, precision="int4"))))
    assert "kv_cache_precision='int8' saves" in text or "seq_length=450000 saves" in text


@pytest.mark.parametrize("devices", [2, 4])
def test_a_workload_for_several_devices_gets_an_accelerator_for_so_many(devices: int) -> None:
    sentence = recommend(measure(build(LLAMA_70B), Workload(tensor_parallel=devices)))[0]
    assert sentence.startswith(f"Fits on {devices} x ")
    assert "on each" in sentence


def test_what_fits_nowhere_is_said_and_what_would_help() -> None:
    sentences = recommend(measure(released("llama"), Workload(seq_length=100_000_000)))
    assert "none of the common accelerators" in sentences[0]
    assert len(sentences) > 1


@given(name=st.sampled_from(sorted(RELEASED)), workload=workloads)
def test_every_saving_is_what_measuring_with_that_workload_gives(name: str, workload: dict[str, Any]) -> None:
    report = measure(released(name), Workload(**workload))
    for field, value, saved in re.findall(r"(\w+)=(\S+) saves (\S+ \S+) and", " ".join(recommend(report))):
        asked: Any = {field: value.strip("'") if "'" in value else int(value)}
        try:
            other = measure(released(name), replace(report.workload, **asked))
        except WorkloadError:  # pragma: no cover - a saving never asks for what can't be run
            pytest.fail(f"{asked} can't be run")
        assert saved == format_bytes(report.total_bytes - other.total_bytes)
