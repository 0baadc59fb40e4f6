"""The chart of an analysis: it is scaled to the data, and each card's line is named and marked where it is crossed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import LLAMA_3_1_8B
from hypothesis import given
from hypothesis import strategies as st
from panel.shown import Elements, plain

from budsim_widgets.actions import Actions
from budsim_widgets.rendering.context_chart import FullAt, context_chart, short_count
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from budsim_widgets.memory import AnalysisReport

ACTIONS = Actions()


def analyzed(**workload: Any) -> AnalysisReport:
    return ACTIONS.analyze(LLAMA_3_1_8B, **workload)


@given(
    lengths=st.lists(st.integers(1, 2_000_000), min_size=1, max_size=10, unique=True), capacity=st.integers(0, 10**13)
)
def test_columns_stay_inside_the_chart(lengths: list[int], capacity: int) -> None:
    chart = Elements(context_chart(analyzed(seq_lengths=lengths).reports, capacity))
    for element, attributes in chart.found:
        if element == "rect":
            assert float(str(attributes["y"])) >= -0.06
            assert float(str(attributes["y"])) + float(str(attributes["height"])) <= 216.1
            assert 0 <= float(str(attributes["x"]).rstrip("%")) <= 100
    assert not chart.open


def test_a_chart_describes_itself() -> None:
    (picture,) = Elements(context_chart(analyzed(seq_lengths=[1024, 2048]).reports, 0)).with_role("img")
    assert re.fullmatch(
        r"Total memory by context length: 1,024 tokens [\d.]+ GiB; 2,048 tokens [\d.]+ GiB\.",
        str(picture["aria-label"]),
    )


def test_a_line_marks_a_capacity_that_is_near() -> None:
    reports = analyzed(seq_lengths=[1024, 131072]).reports
    assert "<line" in context_chart(reports, 24 * GIB)
    assert "<line" not in context_chart(reports, 2400 * GIB)
    assert "<line" not in context_chart(reports, 0)


@given(st.integers(1, 10**9))
def test_short_counts_say_the_same_number(tokens: int) -> None:
    text = short_count(tokens)
    unit = {"K": 1 << 10, "M": 1 << 20}.get(text[-1])
    assert tokens == (int(text[:-1]) * unit if unit else int(text.replace(",", "")))


def test_each_line_has_its_name_and_a_mark_between_the_lengths_where_it_is_full() -> None:
    reports = analyzed(seq_lengths=[1024, 65536, 131072]).reports
    drawn = context_chart(reports, 0, [FullAt("card a", 24 * GIB, 40_000), FullAt("card b", 18 * GIB, 8_192)])
    assert "card a: full at 40,000 tokens" in plain(drawn)
    assert "card b: full at 8,192 tokens" in plain(drawn)
    assert len([name for name, _ in Elements(drawn).found if name == "line"]) == 2
    marks = [float(x) for x in re.findall(r'x="([\d.]+)%"[^>]*>\N{BLACK DIAMOND}', drawn)]
    assert marks == [pytest.approx(5 + 95 * share, abs=0.5) for share in (1 / 6 + 0.881 / 3, 1 / 6 + 0.5 / 3)]


def test_the_columns_fill_the_height_whatever_a_far_card_holds() -> None:
    reports = analyzed(seq_lengths=[1024, 131072]).reports
    assert context_chart(reports, 0) == context_chart(reports, 0, [FullAt("large", 2400 * GIB)])


@given(
    lengths=st.lists(st.integers(1, 2_000_000), min_size=1, max_size=8, unique=True),
    cards=st.lists(st.integers(1, 200), max_size=5, unique=True),
)
def test_in_a_chart_of_any_width_no_text_covers_another_or_a_column(lengths: list[int], cards: list[int]) -> None:
    full = [FullAt(f"card {gib}", gib * GIB, 4096) for gib in cards]
    drawn = context_chart(analyzed(seq_lengths=lengths).reports, 0, full)
    texts = re.findall(r'<text x="([\d.]+)%?" y="([\d.]+)"[^>]*>([^<]*)', drawn)
    lines = [float(y) for y in re.findall(r'<line [^>]*y1="([\d.]+)"', drawn)]
    numbers = [float(y) for x, y, words in texts if x == "0"]
    assert sorted(numbers) == sorted(y + 4 for y in lines)
    assert all(abs(one - other) >= 13.9 for at, one in enumerate(numbers) for other in numbers[:at])
    left = min(float(x) for x in re.findall(r'<rect x="([\d.]+)%"', drawn))
    assert not lines or left > 5, "the numbers stand beside the columns"
    totals = [float(y) for x, y, words in texts if x != "0" and float(y) < 200 and words != "\N{BLACK DIAMOND}"]
    assert len(totals) == len(lengths)
    assert not any(y - 8 < line < y + 2 for y in totals for line in lines), "no line goes through a number"
    names = drawn[drawn.index("</svg>") :]
    assert names.count("<li>") == len(lines)


def test_names_that_would_cover_each_other_are_left_out() -> None:
    reports = analyzed(seq_lengths=[1024, 131072]).reports
    drawn = context_chart(reports, 0, [FullAt("first", 20 * GIB), FullAt("second", 20 * GIB + 1)])
    assert "first" in drawn
    assert "second" not in drawn
