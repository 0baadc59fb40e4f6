"""JSON as it is written, piece by piece."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.intake.readers.json_pieces import Pieces, blank


def test_texts_that_stand_side_by_side_are_one_where_they_are_joined() -> None:
    pieces = Pieces()
    pieces.write_text('"a"', joined=False)
    pieces.write("\n  ")
    pieces.write_text('"b"', joined=True)
    assert "".join(pieces.texts) == '"ab"\n'


def test_a_text_after_another_value_is_not_joined() -> None:
    pieces = Pieces()
    pieces.write_text('"a"', joined=True)
    pieces.write(",")
    pieces.write_text('"b"', joined=True)
    assert "".join(pieces.texts) == '"a","b"'


def test_a_comma_without_an_item_before_it_stays() -> None:
    pieces = Pieces()
    pieces.write("[")
    pieces.write(",")
    assert not pieces.drop_last_comma()
    assert "".join(pieces.texts) == "[,"


def test_a_comma_is_dropped_behind_white_space() -> None:
    pieces = Pieces()
    for piece in ("[", "1", ",", "\n"):
        pieces.write(piece)
    assert pieces.drop_last_comma()
    assert "".join(pieces.texts).split() == ["[1"]


@given(st.text(alphabet="ab \n", max_size=40))
def test_what_is_blanked_keeps_its_lines_and_columns(text: str) -> None:
    white = blank(text)
    assert white.strip() == ""
    assert white.count("\n") == text.count("\n")
    assert len(white.rpartition("\n")[2]) == len(text.rpartition("\n")[2])
