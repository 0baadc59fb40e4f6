from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.architectures import build
from budsim_widgets.engines import Workload
from budsim_widgets.memory import measure
from budsim_widgets.memory.measured import measured
from memory.configs import LLAMA_8B, RELEASED, released

WORKLOADS: list[dict[str, Any]] = [
    {},
    {"batch_size": 8, "seq_length": 32768, "kv_cache_precision": "int8"},
    {"precision": "int4", "pipeline_parallel": 2},
    {"engine": "vllm", "seq_length": 8192},
]


@given(name=st.sampled_from(sorted(RELEASED)), workload=st.sampled_from(WORKLOADS))
def test_a_report_says_what_was_measured(name: str, workload: dict[str, Any]) -> None:
    asked = Workload(**workload)
    found, report = measured(released(name), asked), measure(released(name), asked)
    assert found.total_bytes == sum(device.total_bytes for device in report.per_device) == report.total_bytes
    assert found.divided_bytes == report.weight_bytes + report.kv_cache_bytes + report.state_bytes
    assert found.repeated_bytes * len(report.per_device) == report.activation_bytes + report.overhead_bytes
    least, most = report.total_bytes_range
    assert least <= report.total_bytes <= most


@pytest.mark.parametrize("workload", WORKLOADS, ids=str)
def test_reports_are_equal_where_the_same_was_asked_and_measured(workload: dict[str, Any]) -> None:
    report = measure(build(LLAMA_8B), Workload(**workload))
    assert report == measure(build({**LLAMA_8B, "use_cache": True}), Workload(**workload))
    assert report != measure(build(LLAMA_8B), Workload(**{**workload, "seq_length": 77}))
    assert report != measure(build({**LLAMA_8B, "num_hidden_layers": 30}), Workload(**workload))
    assert report != measure(build(LLAMA_8B), Workload(**workload), notices=("Another one.",))


def test_what_was_noticed_before_stands_before_the_notes_and_each_note_stands_once() -> None:
    architecture = released("llama")
    asked = Workload(seq_length=10**6, kv_cache_precision="int8", precision="int4")
    alone = measure(architecture, asked).notes
    assert len(set(alone)) == len(alone) > 1
    assert alone[-1].startswith("The model was made for ")
    assert measure(architecture, asked, notices=("A stale token.",)).notes == ("A stale token.", *alone)
