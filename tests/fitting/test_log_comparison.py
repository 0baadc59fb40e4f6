"""An engine's log beside our numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from memory.configs import RELEASED, released

import budsim_widgets as bw
from budsim_widgets.engines import Workload
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting.placement import place
from budsim_widgets.hardware import Accelerator

if TYPE_CHECKING:
    from budsim_widgets.fitting import LogRow

CONFIG = RELEASED["llama"]
LOG = """
INFO [core.py:71] Initializing a V1 LLM engine (v0.10.1) with config: model='org/model', max_seq_len=8192, \
tensor_parallel_size=1
INFO [gpu_model_runner.py:1742] Model loading took 14.9889 GiB and 4.20 seconds
INFO [gpu_worker.py:227] Available KV cache memory: 16.00 GiB
INFO [kv_cache_utils.py:833] GPU KV cache size: 131,072 tokens
INFO [kv_cache_utils.py:837] Maximum concurrency for 8,192 tokens per request: 16.00x
"""


def rows(text: str, **workload: Any) -> dict[str, LogRow]:
    return {row.part: row for row in bw.check_log(CONFIG, text, **workload).rows}


def test_parts_stand_beside_ours_with_a_reason() -> None:
    found = rows(LOG)
    assert found["weights"].ours == pytest.approx(14.96 * 2**30, rel=0.002)
    assert found["weights"].reason == "Within half a percent."
    assert found["cache_tokens"].ours == found["cache_tokens"].logged == 131_072
    assert found["max_concurrency"].ours == 16.0
    assert found["cache_tokens"].reason == "The same."


def test_the_pool_is_ours_only_where_the_memory_of_the_device_is_known() -> None:
    assert rows(LOG)["kv_cache"].ours is None
    card = Accelerator(name="mine", memory_gib=40)
    engine = bw.VLLM(version="0.10.1")  # as the log says
    placed = place(released("llama"), Workload.of(engine=engine, seq_length=8192, accelerator=card), card)
    assert rows(LOG, accelerator=card)["kv_cache"].ours == max(0, min(placed.room_bytes()))


def test_what_the_log_does_not_show_is_named() -> None:
    report = bw.check_log(CONFIG, LOG)
    assert {"activations", "non_torch", "graphs", "total"} == set(report.not_said)
    assert (report.engine, report.version) == ("vllm", "0.10.1")


def test_settings_that_cannot_be_are_left_out_and_said() -> None:
    report = bw.check_log(CONFIG, LOG.replace("tensor_parallel_size=1", "tensor_parallel_size=9999"))
    assert report.workload is not None
    assert report.workload.tensor_parallel == 1
    assert "tensor_parallel 9999" in report.notes[0]


def test_what_the_caller_gives_wins_over_the_log() -> None:
    report = bw.check_log(CONFIG, LOG, seq_length=4096)
    assert report.workload is not None
    assert report.workload.seq_length == 4096
    with pytest.raises(WorkloadError) as caught:
        bw.check_log(CONFIG, LOG, batch_size=0)
    assert caught.value.field == "batch_size"


def test_another_programs_text_says_what_is_read() -> None:
    report = bw.check_log(CONFIG, "make: *** No rule to make target 'all'.")
    assert (report.engine, report.rows) == (None, ())
    assert "vLLM, SGLang, llama.cpp" in report.notes[0]


def test_an_out_of_memory_error_stands_beside_the_total() -> None:
    found = rows(
        "OutOfMemoryError: Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.89 GiB of which 1 GiB is free"
    )
    assert found["tried_to_allocate"].logged == 2 * 2**30
    assert found["total"].reason


@pytest.mark.parametrize("text", [LOG, "hello"])
def test_a_report_can_be_shown_and_sent(text: str) -> None:
    report = bw.check_log(CONFIG, text)
    assert json.loads(json.dumps(report.to_dict()))["engine"] == report.engine
    assert "log" in repr(report).lower()
    assert ("<table" in report._repr_html_()) is bool(report.rows)
