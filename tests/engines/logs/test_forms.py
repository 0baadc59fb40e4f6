"""A log is searched by literals, and no expression sees more than a few hundred characters of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.engines.logs import LOG_FORMATS
from budsim_widgets.engines.logs.forms import lines_with

KEYS = sorted({form.key for one in LOG_FORMATS for form in (*one.figures, *one.settings)})


@given(key=st.sampled_from(KEYS), filling=st.text(alphabet=" \t\n1.,=(\x1b[aG", max_size=50), count=st.integers(0, 900))
def test_what_an_expression_sees_is_bounded(key: str, filling: str, count: int) -> None:
    lines = list(lines_with((key + filling) * count, key))
    assert len(lines) <= 512
    assert all(len(line) <= 700 for line in lines)
    assert all(key in line or "\x1b" in filling for line in lines)


def test_every_form_is_found_by_a_part_of_its_line() -> None:
    assert len(KEYS) > 40
    assert all(len(key) >= 3 for key in KEYS)
