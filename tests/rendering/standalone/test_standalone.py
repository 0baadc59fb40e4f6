from __future__ import annotations

import re
from base64 import b64decode
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.rendering.standalone.standalone import standalone
from budsim_widgets.rendering.styles import style_text

HOSTILE = '"><img src=x onerror=alert(1)><script>'


def pictures(html: str) -> list[str]:
    return [b64decode(found).decode() for found in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)]


def test_rules_of_the_style_sheet_become_attributes() -> None:
    swatch = standalone(tag("span", class_="budsim-swatch", style="background:var(--jp-brand-color1, #1976d2)"))
    assert "width:10px" in swatch
    assert "background:#1976d2" in swatch


def test_a_rule_of_descent_holds_only_below_its_ancestor() -> None:
    assert ".budsim-result .budsim-verdict" in style_text()
    verdict = tag("p", "Fits", class_="budsim-verdict")
    assert "font-weight" not in standalone(verdict)
    assert "font-weight" in standalone(tag("div", tag("div", verdict), class_="budsim-result"))


def test_what_the_style_sheet_writes_in_front_is_written() -> None:
    written = standalone(tag("p", "Fits", class_="budsim-verdict-fits"))
    assert re.search(r">✓ ?</span>", written)


def test_where_variables_are_taken_away_text_takes_the_colour_of_the_page() -> None:
    made = standalone(tag("div", tag("p", "x", class_="budsim-hint"), class_="budsim-result"))
    assert "color:var(--jp-ui-font-color2, currentColor)" in made
    assert not re.search(r"(?<!-)color:(?!var)", made)


def test_before_each_value_of_a_theme_stands_one_without() -> None:
    made = standalone(tag("p", "Fits", class_="budsim-chip budsim-chip-fits"))
    assert re.search(r"border-color:#388e3c;border-color:var\(--jp-success-color1, #388e3c\)", made)


def test_a_drawing_becomes_a_picture_that_can_be_read_out() -> None:
    drawing = tag("svg", tag("rect", style="fill:var(--a, #123456)"), aria_label=f"14 GiB {HOSTILE}", height=26)
    made = standalone(tag("div", drawing))
    assert made.count("<svg") == made.count("<img") == 1
    assert "<script" not in made
    assert 'alt="14 GiB &quot;&gt;&lt;img' in made
    root = ET.fromstring(pictures(made)[0])  # noqa: S314 - made here
    assert root.get("height") == "26"
    assert "#123456" in (root[0].get("style") or "")


@given(st.text())
def test_text_stays_text(text: str) -> None:
    element = tag("p", text, title=text, style="color:red")
    assert standalone(element) == element


def test_nothing_stays_nothing() -> None:
    assert standalone(Html()) == ""
