from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure
from memory.configs import RELEASED, released

if TYPE_CHECKING:
    from budsim_widgets.memory import MemoryReport

FIELDS = {
    "model_id", "model_type", "attention_type", "basis", "notes", "num_parameters", "num_active_parameters",
    "weight_bytes", "kv_cache_bytes", "state_bytes", "activation_bytes", "overhead_bytes", "total_bytes", "per_device",
    "recommendations", "workload", "config_source", "basis_of", "total_bytes_range", "host_bytes",
    "projector_bytes", "file_bytes", "file_bytes_range", "num_parameters_range",
}  # fmt: skip


def _report(**workload: Any) -> MemoryReport:
    return measure(released("llama"), Workload(**workload), model_id="meta-llama/Llama-3.1-8B", config_source="catalog")


def test_a_report_has_the_fields_that_clients_know() -> None:
    report = _report()
    assert set(report.to_dict()) == FIELDS
    assert all(hasattr(report, field) for field in FIELDS)
    assert (report.model_id, report.config_source) == ("meta-llama/Llama-3.1-8B", "catalog")
    assert (report.model_type, report.attention_type, report.basis) == ("decoder-only", "gqa", "exact")
    assert report.recommendations == ()
    assert [device.total_bytes for device in report.per_device] == [report.total_bytes]


@pytest.mark.parametrize("name", RELEASED)
@pytest.mark.parametrize(
    "workload", [{}, {"pipeline_parallel": 2}, {"precision": "awq-int4", "engine": "vllm"}], ids=str
)
def test_a_report_goes_through_json(name: str, workload: dict[str, Any]) -> None:
    fields = measure(released(name), Workload(**workload)).to_dict()
    assert json.loads(json.dumps(fields)) == fields


@given(
    name=st.sampled_from(sorted(RELEASED)), length=st.integers(1, 10**6), precision=st.sampled_from(["auto", "int4"])
)
def test_the_total_is_the_sum_of_the_lines(name: str, length: int, precision: Any) -> None:
    report = measure(released(name), Workload(seq_length=length, precision=precision))
    assert report.total_bytes == sum(line.num_bytes for line in report.lines)
    assert all(type(line.num_bytes) is int for line in report.lines)


def test_activations_and_overhead_are_estimates_always() -> None:
    basis = {line.name: line.basis for line in _report().lines}
    assert basis == {"Weights": "exact", "KV cache": "exact", "Activations": "estimate", "Overhead": "estimate"}


def test_equal_questions_get_equal_reports() -> None:
    assert _report() == _report()
    assert _report() != _report(seq_length=1)


def test_a_length_beyond_what_the_model_was_made_for_is_noted() -> None:
    assert _report(seq_length=131_072).notes == ()
    assert "131,072" in _report(seq_length=131_073).notes[0]


def test_the_text_shows_every_part_and_which_are_exact() -> None:
    lines = repr(_report(seq_length=8192)).splitlines()
    assert lines[0] == "meta-llama/Llama-3.1-8B: 17.37 GiB"
    assert "8.03B parameters, GQA decoder-only, batch_size 1, seq_length 8,192, transformers" in lines[1]
    assert lines[2].split() == ["Weights", "=", "14.96", "GiB", "bf16"]
    assert lines[3].split() == ["KV", "cache", "=", "1.00", "GiB", "bf16"]
    assert lines[4].split()[:2] == ["Activations", "~"]


def test_a_frame_has_a_row_for_each_part() -> None:
    frame = _report().to_frame()
    assert list(frame.index) == ["Weights", "KV cache", "Activations", "Overhead", "Total"]
    assert frame.loc["Weights", "bytes"] == 16_060_522_496
