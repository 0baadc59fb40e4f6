from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hub.repos import LLAMA_3_1_8B, QWEN_2_5_0_5B
from hypothesis import given, settings
from hypothesis import strategies as st

import budsim_widgets as bw
from budsim_widgets.hardware import find
from budsim_widgets.memory import ComparisonReport, ComparisonRow
from budsim_widgets.rendering.take_away.picture import as_svg

CARD = find("RTX 4090")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - made here


def texts(picture: str) -> list[str]:
    return [one.text or "" for one in drawn(picture).iter(f"{SVG}text")]


def fitted() -> bw.FitReport:
    return bw.fit(LLAMA_3_1_8B, "RTX 4090")


REPORTS: dict[str, tuple[Any, ...]] = {
    "calculate": (bw.calculate(LLAMA_3_1_8B),),
    "fit": (fitted().memory, CARD, fitted()),
    "compare": (bw.compare([LLAMA_3_1_8B, QWEN_2_5_0_5B]), CARD),
    "analyze": (bw.analyze(LLAMA_3_1_8B),),
    "finetune": (bw.finetune(LLAMA_3_1_8B, accelerator="RTX 4090"),),
}


@pytest.mark.parametrize("kind", REPORTS)
def test_every_result_is_a_picture_that_needs_nothing_else(kind: str) -> None:
    picture = as_svg(*REPORTS[kind])
    root = drawn(picture)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert "var(" not in picture
    assert "striped: estimated" in texts(picture)
    for one in root.iter(f"{SVG}rect"):
        assert float(one.get("x", 0)) + float(one.get("width", 0)) <= width
        assert float(one.get("y", 0)) + float(one.get("height", 0)) <= height
    for one in root.iter(f"{SVG}text"):
        assert float(one.get("y", 0)) < height


@pytest.mark.parametrize("kind", REPORTS)
def test_the_parts_of_a_bar_lie_side_by_side(kind: str) -> None:
    rows: dict[str, list[tuple[float, float]]] = {}
    for one in drawn(as_svg(*REPORTS[kind])).iter(f"{SVG}rect"):
        if one.get("height") == "24.0":
            rows.setdefault(one.get("y", ""), []).append((float(one.get("x", 0)), float(one.get("width", 0))))
    report = REPORTS[kind][0]
    count = {"compare": 2, "analyze": len(getattr(report, "reports", ())), "finetune": 5}.get(kind, 1)
    assert len(rows) == count
    for parts in rows.values():
        ends = [x + width for x, width in parts]
        assert [x for x, _ in parts[1:]] == pytest.approx(ends[:-1], abs=0.11)


def test_a_comparison_names_each_model_with_its_total_and_the_card() -> None:
    report = REPORTS["compare"][0]
    said = " ".join(texts(as_svg(report, CARD)))
    for row in report.rows:
        assert row.report is not None
        assert f"{row.report.total_bytes / 2**30:.2f} GiB" in said
    assert "(least)" in said
    assert "NVIDIA RTX 4090 24GB: 23.51 GiB" in said


def test_where_nothing_was_calculated_there_is_no_picture() -> None:
    assert as_svg(bw.compare([{"model_type": "llama"}])) == ""


@given(st.text(max_size=200))
@settings(max_examples=30)
def test_a_name_is_text_of_the_picture(name: str) -> None:
    report = REPORTS["calculate"][0]
    rows = (ComparisonRow(model_id=name, report=report), ComparisonRow(model_id="x", report=report))
    picture = as_svg(ComparisonReport(rows=rows, workload=report.workload))
    harmless = as_svg(ComparisonReport(rows=(rows[1], rows[1]), workload=report.workload))
    count = re.compile("<([a-z]+)")
    assert count.findall(picture) == count.findall(harmless)
    assert drawn(picture) is not None
