from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines import Workload
from budsim_widgets.fitting import RecommendingReport
from budsim_widgets.memory import measure
from memory.configs import RELEASED, released

if TYPE_CHECKING:
    from budsim_widgets.memory import MemoryReport

FIELDS = {
    "model_id", "model_type", "attention_type", "basis", "notes", "num_parameters", "num_active_parameters",
    "weight_bytes", "kv_cache_bytes", "state_bytes", "activation_bytes", "overhead_bytes", "total_bytes", "per_device",
    "recommendations", "workload", "config_source", "basis_of", "total_bytes_range", "host_bytes",
    "projector_bytes", "file_bytes",
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


class _Page(HTMLParser):
    """Collects what a page holds, and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the interface
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


class _Recommending(RecommendingReport):
    """Recommends what it is called."""

    @property
    def recommendations(self) -> tuple[str, ...]:  # type: ignore[override] # computed each time
        return self.notes


@given(hostile=st.text() | st.sampled_from(["<script>alert(1)</script>", "\"><img src=x onerror='x'>", "</div>"]))
def test_values_are_shown_and_never_executed(hostile: str) -> None:
    harmless = _read(_Recommending.of(_report(), model_id="x", notes=("x",))._repr_html_())
    page = _read(_Recommending.of(_report(), model_id=hostile, notes=(hostile,))._repr_html_())
    assert page.seen == harmless.seen


def test_a_notebook_gets_html_and_text() -> None:
    bundle = _report(tensor_parallel=2)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    page = _read(bundle["text/html"])
    assert {"Weights", "Total", "Device 1"} <= set(
        page.text.replace("Device 1", "|Device 1|")
        .replace("Total", "|Total|")
        .replace("Weights", "|Weights|")
        .split("|")
    )


def test_colours_are_those_of_the_theme() -> None:
    html = _report()._repr_html_()
    assert "var(--jp-ui-font-color1, inherit)" in html
    assert "color:#" not in html


def test_a_frame_has_a_row_for_each_part() -> None:
    frame = _report().to_frame()
    assert list(frame.index) == ["Weights", "KV cache", "Activations", "Overhead", "Total"]
    assert frame.loc["Weights", "bytes"] == 16_060_522_496


def test_without_pandas_a_frame_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        _report().to_frame()
