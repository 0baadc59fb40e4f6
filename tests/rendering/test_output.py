"""What a notebook shows of a report: complete in itself, harmless, and the same as in the panel."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import LLAMA_3_1_8B, LLAMA_3_1_70B, QWEN_2_5_0_5B
from hypothesis import example, given, settings
from hypothesis import strategies as st
from panel.shown import HOSTILE, Elements, plain

import budsim_widgets as bw
from budsim_widgets.fitting import RecommendingReport
from budsim_widgets.memory import AnalysisReport, ComparisonReport, ComparisonRow, MemoryReport, measure
from budsim_widgets.rendering.output import output
from budsim_widgets.rendering.page import page
from budsim_widgets.rendering.reports.report_html import as_result, report_parts

if TYPE_CHECKING:
    from collections.abc import Callable

CARD = "RTX 4090"
REPORTS: dict[str, Callable[[], Any]] = {
    "calculate": lambda: bw.calculate(LLAMA_3_1_8B),
    "calculate on a card": lambda: bw.calculate(LLAMA_3_1_8B, accelerator=CARD),
    "on two devices": lambda: bw.calculate(LLAMA_3_1_8B, pipeline_parallel=2),
    "fit": lambda: bw.fit(LLAMA_3_1_8B, CARD, engine="vllm"),
    "fit a part": lambda: bw.fit(LLAMA_3_1_70B, CARD, engine="llama_cpp", precision="Q4_K_M"),
    "analyze": lambda: bw.analyze(LLAMA_3_1_8B),
    "compare": lambda: bw.compare([LLAMA_3_1_8B, QWEN_2_5_0_5B, {"model_type": "llama"}]),
    "compare nothing": lambda: bw.compare([{"model_type": "llama"}]),
    "finetune": lambda: bw.finetune(LLAMA_3_1_8B, accelerator=CARD),
    "sweep": lambda: bw.sweep([LLAMA_3_1_8B], accelerators=[CARD, "T4"], seq_lengths=[1024, 131072]),
    "precisions": lambda: bw.compare_precisions(LLAMA_3_1_8B, CARD),
}
HARMLESS = {
    *("style", "div", "section", "p", "span", "strong", "code", "ul", "li", "a", "img"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("svg", "defs", "pattern", "path", "rect", "line", "text", "title"),
}


@cache
def report_of(kind: str) -> Any:
    return REPORTS[kind]()


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """What a browser finds; each element that isn't void is closed."""
    found = Elements(re.sub(r"<img[^>]*>", "", html))
    assert found.open == []
    return [*found.found, *Elements("".join(re.findall(r"<img[^>]*>", html))).found]


@pytest.mark.parametrize("kind", REPORTS)
def test_every_report_begins_with_a_verdict_and_needs_nothing_else(kind: str) -> None:
    shown = report_of(kind)._repr_html_()
    assert shown.count("budsim-verdict ") == 1
    found = elements(shown)
    assert {name for name, _ in found} <= HARMLESS
    for name, attributes in found:
        assert not [key for key in attributes if key.startswith("on")]
        address = attributes.get("src" if name == "img" else "href")
        assert address is None or address.startswith(("data:image/svg+xml;base64,", "https://"))


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_looks_the_same_each_time(kind: str) -> None:
    report = report_of(kind)
    assert report._repr_html_() == report._repr_html_() == report._repr_mimebundle_()["text/html"]
    assert report._repr_mimebundle_()["text/plain"] == repr(report)


@pytest.mark.parametrize("kind", REPORTS)
def test_where_styles_and_drawings_are_taken_away_a_picture_stands_for_each(kind: str) -> None:
    shown = report_of(kind)._repr_html_()
    assert shown.count("<svg") == shown.count("<img")
    assert shown.count("<svg") == len(re.findall(r'<div [^>]*hidden="hidden" style="display:none"><svg', shown))
    described = re.findall(r'<img[^>]* alt="([^"]*)"', shown)
    assert all(described)


@pytest.mark.parametrize("kind", ["compare", "analyze", "finetune"])
def test_the_panel_shows_the_same(kind: str) -> None:
    report = report_of(kind)
    assert report._repr_html_() == page(as_result(*report_parts(report, None, None, None)))


def test_a_fit_is_what_the_panel_shows_with_its_options_and_precisions() -> None:
    report = report_of("fit")
    shown = plain(report._repr_html_())
    assert f"Largest context: {report.max_seq_length:,} tokens" in shown
    assert "enforce_eager on: fits" in shown
    assert "Does each precision fit?" in shown
    assert report._repr_html_().count("budsim-chosen") == 1


def test_on_a_named_card_a_calculation_says_whether_it_fits_there() -> None:
    assert "Fits on one NVIDIA RTX 4090 24GB" in plain(report_of("calculate on a card")._repr_html_())


def test_devices_that_hold_the_same_stand_in_one_row() -> None:
    alike = bw.calculate(LLAMA_3_1_8B, tensor_parallel=4)
    assert "0\u20133" in plain(alike._repr_html_())
    unlike = plain(report_of("on two devices")._repr_html_())
    assert f"0 {unlike.partition(' Overhead, GiB 0 ')[2][:4]}" in unlike


def test_training_has_a_bar_for_each_moment_against_the_card() -> None:
    report = report_of("finetune")
    shown = report._repr_html_()
    assert shown.count('class="budsim-bar"') == len(report.moments)
    assert "(peak)" in shown


class Recommending(RecommendingReport):
    """Recommends what its notes say, and has the name of its model for every detail."""

    @property
    def recommendations(self) -> tuple[str, ...]:
        return self.notes * 2

    @property
    def details(self) -> dict[str, str]:
        return dict.fromkeys(super().details, self.model_id or "")


def with_text(text: str) -> list[Any]:
    """Reports that hold a text wherever one may stand."""
    calculated: MemoryReport = report_of("calculate")
    report = measure(calculated.architecture, calculated.workload, answer=Recommending)
    report = dataclasses.replace(report, model_id=text, notices=(text,), config_source=text)
    rows = (ComparisonRow(model_id=text, report=report), ComparisonRow(model_id=text, error=bw.BudsimError(text)))
    analysis: AnalysisReport = report_of("analyze")
    return [
        report,
        dataclasses.replace(report_of("fit"), model_id=text, memory=report, launch_command=text),
        dataclasses.replace(analysis, reports=(report,), insights=(text,), full_at={text: 1}),
        ComparisonReport(rows=rows, workload=calculated.workload),
        dataclasses.replace(report_of("finetune"), model_id=text, notes=(text,)),
    ]


@given(st.text() | st.sampled_from(HOSTILE))
@example(HOSTILE[0])
@settings(max_examples=15)
def test_a_text_of_others_is_shown_and_never_executed(text: str) -> None:
    for report, harmless in zip(with_text(text or "x"), with_text("x"), strict=True):
        found, expected = elements(report._repr_html_()), elements(harmless._repr_html_())
        kinds = {"a", "code", "div"}  # an address becomes a link, a `command` is set apart, a source may be named
        assert [name for name, _ in found if name not in kinds] == [name for name, _ in expected if name not in kinds]
        assert not [key for _, attributes in found for key in attributes if key.startswith("on")]


def test_it_speaks_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDSIM_LANGUAGE", "zh")
    assert "\u663e\u5b58" in output(report_of("compare nothing")) or "\u6a21\u578b" in output(
        report_of("compare nothing")
    )


def test_a_calculation_loads_what_renders_it_only_when_it_is_shown() -> None:
    probe = f"""
import sys
import budsim_widgets as bw
report = bw.calculate({LLAMA_3_1_8B!r})
repr(report)
before = [name for name in sys.modules if name.startswith("budsim_widgets.rendering")]
report._repr_html_()
others = ("ipywidgets", "IPython", "jupyter_server", "budsim_widgets.training.finetuning")
print(before, any(name in sys.modules for name in others))
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["[]", "False"]
