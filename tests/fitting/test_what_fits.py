"""What of a model fits on an accelerator: every answer is held to measuring the same workload again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory.configs import RELEASED, released

from budsim_widgets.engines import ENGINES, Workload
from budsim_widgets.engines.workload import LIMITS
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import FitReport, fit
from budsim_widgets.fitting.limits import largest
from budsim_widgets.fitting.options import changed
from budsim_widgets.fitting.placement import place
from budsim_widgets.fitting.sentences import requests, verdict_sentence
from budsim_widgets.hardware import Accelerator, find

CARDS = ["RTX 3060 12GB", "RTX 4090", "H100", "MI300X", "M3 Max 64GB"]
WORKLOADS = st.fixed_dictionaries(
    {
        "engine": st.sampled_from(sorted(ENGINES)),
        "batch_size": st.sampled_from([1, 2, 7, 64]),
        "seq_length": st.sampled_from([1, 17, 2_048, 50_000]),
    }
)


def fitted(name: str, card: str, **workload: Any) -> FitReport:
    checked = Workload.of(accelerator=card, **workload)
    assert checked.accelerator is not None
    return fit(released(name), checked, checked.accelerator)


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(RELEASED)), card=st.sampled_from(CARDS), workload=WORKLOADS)
def test_one_token_and_one_sequence_more_than_the_largest_do_not_fit(
    name: str, card: str, workload: dict[str, Any]
) -> None:
    report = fitted(name, card, **workload)

    def free(**changes: Any) -> int:
        return place(released(name), replace(report.workload, **changes), report.accelerator).free_bytes

    if report.max_batch_size:
        assert free(batch_size=report.max_batch_size) >= 0
    if report.max_batch_size < LIMITS["batch_size"]:
        assert free(batch_size=report.max_batch_size + 1) < 0
    if report.max_seq_length:
        assert free(seq_length=report.max_seq_length) >= 0
    if report.max_seq_length is not None and report.limited_by == "memory":
        assert free(seq_length=report.max_seq_length + 1) < 0


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(RELEASED)), card=st.sampled_from(CARDS), workload=WORKLOADS)
def test_every_option_brings_what_it_says(name: str, card: str, workload: dict[str, Any]) -> None:
    report = fitted(name, card, **workload)
    for option in report.options:
        after = place(released(name), changed(report.workload, option.changes), report.accelerator)
        assert option.saved_bytes == after.free_bytes - report.free_bytes > 0
        assert option.verdict == after.verdict
    ranks = [("fits", "tight", "does_not_fit").index(option.verdict) for option in report.options]
    assert ranks == sorted(ranks)


@given(gib=st.floats(1, 200))
def test_the_verdict_is_tight_where_only_part_of_the_range_fits(gib: float) -> None:
    card = Accelerator(name="mine", memory_gib=gib)
    report = fit(released("llama"), Workload(), card)
    low, high = report.memory.total_bytes_range
    expected = "fits" if high <= card.usable_bytes else "tight" if low <= card.usable_bytes else "does_not_fit"
    assert report.verdict == expected
    assert report.free_bytes == report.capacity_bytes - report.memory.total_bytes


def test_what_does_not_fit_by_any_single_change_is_offered_several() -> None:
    report = fitted("llama", "8 GiB", seq_length=32_768, batch_size=4)
    assert report.verdict == "does_not_fit"
    best = next(option for option in report.options if not option.takes_more_devices)
    assert best.verdict != "does_not_fit"
    assert len(best.changes) > 1


@pytest.mark.parametrize(
    ("card", "workload"),
    [
        ("RTX 4090", {"seq_length": 32_768, "batch_size": 4, "engine": "vllm"}),
        ("RTX 4090", {"seq_length": 8192, "batch_size": 16}),
        ("A100 40GB", {"seq_length": 32_768, "batch_size": 4}),
    ],
)
def test_more_devices_come_after_what_fits_on_those_that_there_are(card: str, workload: dict[str, Any]) -> None:
    fitting = [option for option in fitted("llama", card, **workload).options if option.verdict == "fits"]
    takes_more = [option.takes_more_devices for option in fitting]
    assert takes_more == sorted(takes_more)
    assert not takes_more[0]
    assert takes_more[-1]
    counts = [max(option.changes.values()) for option in fitting if option.takes_more_devices]
    assert counts == sorted(counts)


def test_of_what_fits_the_cheapest_change_stands_first() -> None:
    report = fitted("llama", "H100 80GB", seq_length=32_768, batch_size=4)
    assert [next(iter(option.changes)) for option in report.options][:4] == [
        *("precision", "kv_cache_precision", "seq_length", "batch_size"),
    ]


def test_a_count_in_the_name_is_the_number_of_devices() -> None:
    report = fitted("llama", "2x3090")
    assert (report.num_devices, report.workload.tensor_parallel) == (2, 2)
    assert len(report.memory.per_device) == 2


def test_a_model_whose_cache_does_not_grow_has_no_longest_context() -> None:
    report = fitted("mamba", "H100")
    assert (report.max_seq_length, report.limited_by) == (None, None)


def test_heads_that_cannot_be_divided_are_refused_with_the_possible_degrees() -> None:
    with pytest.raises(WorkloadError, match="1, 2, 4, 8") as caught:
        fitted("llama", "3x3090")
    assert caught.value.field == "tensor_parallel"


@pytest.mark.parametrize("name", sorted(RELEASED))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_report_can_be_shown_and_sent(name: str, engine: str) -> None:
    report = fitted(name, "RTX 4090", engine=engine)
    sent = json.loads(json.dumps(report.to_dict()))
    assert sent["verdict"] == report.verdict
    assert sent["accelerator"]["name"] == "RTX 4090 24GB"
    assert verdict_sentence(report) in repr(report)
    assert "budsim-verdict" in report._repr_html_()


def test_an_engine_with_a_command_line_is_started_by_the_line_that_is_shown() -> None:
    report = fitted("llama", "2x4090", engine="vllm", seq_length=4096)
    assert report.launch_command is not None
    words = report.launch_command.split()
    assert words[:2] == ["vllm", "serve"]
    assert words[words.index("--max-model-len") + 1] == "4096"
    assert words[words.index("--tensor-parallel-size") + 1] == "2"


@pytest.mark.parametrize(("model", "setting"), [("llama", "-ngl"), ("mixtral", "--n-cpu-moe")])
def test_what_does_not_fit_is_started_with_the_rest_left_to_the_cpu(model: str, setting: str) -> None:
    report = fitted(model, "RTX 3060 12GB", engine="llama.cpp", precision="Q8_0", seq_length=32768)
    assert report.verdict == "does_not_fit"
    line = report.launch_command
    assert line is not None
    name = {"-ngl": "gpu_layers", "--n-cpu-moe": "cpu_moe_layers"}[setting]
    (option,) = [option for option in report.options if option.changes.keys() == {name}]
    assert f"{setting} {option.changes[name]} " in line


def test_a_second_device_is_offered_once_and_no_second_mac() -> None:
    on_card = fitted("llama", "RTX 3060 12GB", engine="llama.cpp", precision="Q8_0", seq_length=65536)
    assert [option.changes for option in on_card.options if option.takes_more_devices] == [{"tensor_parallel": 2}]
    on_mac = fitted("llama", "M1 16GB", engine="llama.cpp", precision="Q8_0", seq_length=131072)
    assert not any(option.takes_more_devices for option in on_mac.options)


@given(limit=st.integers(1, 10**8), most=st.integers(0, 10**8), power=st.sampled_from([0.1, 1, 2, 5]))
def test_the_largest_is_found_in_a_few_steps_whatever_the_shape(limit: int, most: int, power: float) -> None:
    asked: list[int] = []

    def free(number: int) -> int:
        asked.append(number)
        return round((most + 0.5) ** power * 1000) - round(number**power * 1000)

    found = largest(limit, free)
    assert free(found) >= 0 or found == 0
    assert found == limit or free(found + 1) < 0
    assert len(asked) <= 60


@given(most=st.integers(1, 10**6), per_token=st.integers(1, 10**6))
def test_what_grows_evenly_is_found_in_six_steps(most: int, per_token: int) -> None:
    asked: list[int] = []

    def free(number: int) -> int:
        asked.append(number)
        return per_token * (most - number) + per_token // 2

    assert largest(10**8, free) == most
    assert len(asked) <= 7


def test_requests_are_whole_unless_not_even_one_fits() -> None:
    assert [requests(number) for number in (0.0, 0.4, 1.0, 33.9)] == [
        "0 requests",
        "0.40 requests",
        "1 request",
        "33 requests",
    ]


def test_a_detected_name_and_an_accelerator_are_the_same_card() -> None:
    assert fitted("llama", "RTX 4090").accelerator == find("NVIDIA GeForce RTX 4090")
