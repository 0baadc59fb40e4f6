from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from memory.configs import GPT2, LLAMA_8B, RELEASED, released

from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.engines.parallel import heads_of, num_layers
from budsim_widgets.errors import WorkloadError
from budsim_widgets.memory import measure

PARTS = ("weight_bytes", "kv_cache_bytes", "state_bytes", "activation_bytes", "overhead_bytes", "total_bytes")


@given(
    name=st.sampled_from(sorted(RELEASED)),
    ranks=st.sampled_from([1, 2, 4, 8]),
    stages=st.integers(1, 12),
    length=st.integers(1, 10_000),
)
def test_totals_are_the_sum_of_the_devices(name: str, ranks: int, stages: int, length: int) -> None:
    workload = Workload(tensor_parallel=ranks, pipeline_parallel=stages, seq_length=length)
    assume(name != "gpt2" or ranks < 8)  # 12 heads
    report = measure(released(name), workload)
    assert [device.index for device in report.per_device] == list(range(ranks * stages))
    for part in PARTS:
        assert getattr(report, part) == sum(getattr(device, part) for device in report.per_device)


@given(
    name=st.sampled_from(sorted(set(RELEASED) - {"gpt2"})), ranks=st.sampled_from([2, 4, 8]), stages=st.integers(1, 8)
)
def test_devices_hold_all_of_the_weights_and_little_twice(name: str, ranks: int, stages: int) -> None:
    alone = measure(released(name), Workload())
    spread = measure(released(name), Workload(tensor_parallel=ranks, pipeline_parallel=stages))
    assert alone.weight_bytes * 0.999 <= spread.weight_bytes <= alone.weight_bytes * 1.2
    assert spread.kv_cache_bytes >= alone.kv_cache_bytes * 0.999


def test_two_devices_hold_half_of_the_matrices_each_and_all_norms() -> None:
    norms = (2 * 32 + 1) * 4096 * 2
    weights = measure(released("llama"), Workload()).weight_bytes
    devices = measure(released("llama"), Workload(tensor_parallel=2)).per_device
    assert [device.weight_bytes for device in devices] == [(weights - norms) // 2 + norms] * 2


def test_key_heads_are_repeated_once_there_are_fewer_of_them_than_devices() -> None:
    eight, sixteen = (measure(released("llama"), Workload(tensor_parallel=n)).per_device[0] for n in (8, 16))
    assert eight.kv_cache_bytes == sixteen.kv_cache_bytes == measure(released("llama"), Workload()).kv_cache_bytes // 8


def test_the_latent_of_mla_is_repeated_on_every_device() -> None:
    alone = measure(released("deepseek_v3"), Workload())
    devices = measure(released("deepseek_v3"), Workload(tensor_parallel=8)).per_device
    assert {device.kv_cache_bytes for device in devices} == {alone.kv_cache_bytes}


def test_the_first_stage_holds_the_embedding_and_the_last_the_head() -> None:
    first, middle, _, last = measure(released("llama"), Workload(pipeline_parallel=4)).per_device
    table = 128256 * 4096 * 2
    assert first.weight_bytes - middle.weight_bytes == table
    assert last.weight_bytes - middle.weight_bytes == table + 4096 * 2


def test_a_tied_embedding_stands_on_the_first_and_on_the_last_stage() -> None:
    alone, spread = (measure(build(GPT2), Workload(pipeline_parallel=n)).weight_bytes for n in (1, 3))
    assert spread - alone == (50257 + 1024) * 768 * 2


@pytest.mark.parametrize("ranks", [3, 5, 64])
def test_heads_that_cannot_be_divided_are_refused_with_what_can_be_chosen(ranks: int) -> None:
    with pytest.raises(WorkloadError, match="heads") as caught:
        measure(released("llama"), Workload(tensor_parallel=ranks))
    assert caught.value.field == "tensor_parallel"
    assert "1, 2, 4, 8, 16, 32" in caught.value.next_step


def test_more_stages_than_layers_are_refused() -> None:
    with pytest.raises(WorkloadError, match="32 layers") as caught:
        measure(released("llama"), Workload(pipeline_parallel=33))
    assert caught.value.field == "pipeline_parallel"


def test_a_parallel_report_is_an_estimate_and_says_why() -> None:
    report = measure(released("llama"), Workload(tensor_parallel=2))
    assert report.basis == "estimate"
    assert "Split over devices" in report.notes[-1]


def test_heads_and_layers_are_read_off_the_parts() -> None:
    assert (heads_of(released("llama")), num_layers(released("llama"))) == ((32, 8), 32)
    assert (heads_of(released("deepseek_v3")), num_layers(released("deepseek_v3"))) == ((128, 0), 61)
    assert heads_of(released("mamba")) == (0, 0)
    assert num_layers(build({**LLAMA_8B, "num_hidden_layers": 1})) == 1
