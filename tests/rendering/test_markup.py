from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel.shown import HOSTILE, Elements, assert_harmless

from budsim_widgets.printable import printable
from budsim_widgets.rendering.markup import Html, escape, join, link, shorten, tag


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    made = tag("p", text, title=text)
    elements = Elements(made)
    assert [name for name, _ in elements.found] == ["p"]
    assert set(elements.found[0][1]) == {"title"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_not_run(text: str) -> None:
    assert_harmless(tag("p", text, class_=text, title=text))


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\ud800", "\0", "\x1b"])
def test_characters_that_change_how_the_rest_reads_are_replaced(character: str) -> None:
    assert escape(f"a{character}b") == "a\ufffdb"


def test_html_made_here_is_not_escaped_twice() -> None:
    assert tag("p", tag("strong", "a & b"), " ", Html("<br>")) == "<p><strong>a &amp; b</strong> <br></p>"
    assert join(escape("<"), "<") == "&lt;&lt;"


def test_names_of_attributes_are_written_as_html_writes_them() -> None:
    assert tag("p", class_="a", aria_label="b", title=None) == '<p class="a" aria-label="b"></p>'


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.org"])
def test_only_addresses_of_the_web_become_links(url: str | None) -> None:
    assert link(url, "here") == ""
    assert 'rel="noopener noreferrer"' in link("https://example.org/?a=1&b=2", "here")


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_shortened_text_keeps_to_its_limit(text: str, limit: int) -> None:
    shown = shorten(text, limit)
    assert len(shown) <= limit
    assert shown == printable(text) or shown.endswith("…")
