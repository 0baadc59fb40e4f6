"""What is typed into a field for a whole number is taken as it is meant, or corrected with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.panel.inputs.whole_numbers import read_whole_number

LEAST, MOST, STANDING = 1, 65_536, 4


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("8192", 8192, ""),
        (" 8192 ", 8192, ""),
        ("+7", 7, ""),
        ("007", 7, ""),
        ("8,192", 8192, ""),
        ("8 192", 8192, ""),
        ("8\u202f192", 8192, ""),
        ("8_192", 8192, ""),
        ("8'192", 8192, ""),
        ("65,536", 65_536, ""),
        ("\uff18\uff11\uff19\uff12", 8192, ""),
        ("8k", 8192, "8k is read as 8,192."),
        ("8 K", 8192, "8 K is read as 8,192."),
        ("8Ki", 8192, "8Ki is read as 8,192."),
        ("1.5k", 1536, "1.5k is read as 1,536."),
        ("8.192", 8192, "8.192 is read as 8,192."),
        ("1e3", 1000, "1e3 is read as 1,000."),
        ("2.0", 2, "2.0 is read as 2."),
        ("1.5", 2, "1.5 is not whole: 2 is taken."),
        ("1,4", 1, "1,4 is not whole: 1 is taken."),
        ("3.9999", 4, "3.9999 is not whole: 4 is taken."),
        ("0", 1, "0 is less than 1: 1 is taken."),
        ("0.4", 1, "0.4 is less than 1: 1 is taken."),
        ("-1", 1, "-1 is less than 1: 1 is taken."),
        ("\u22121", 1, "-1 is less than 1: 1 is taken."),
        ("-1.5k", 1, "-1.5k is less than 1: 1 is taken."),
        ("65537", 65_536, "65537 is more than 65,536, the most there is: 65,536 is taken."),
        ("1e9", 65_536, "1e9 is more than 65,536, the most there is: 65,536 is taken."),
        ("1M", 65_536, "1M is more than 65,536, the most there is: 65,536 is taken."),
        ("9e999", 65_536, "9e999 is more than 65,536, the most there is: 65,536 is taken."),
        ("", 4, "Nothing stood here: it is 4 again."),
        ("  ", 4, "Nothing stood here: it is 4 again."),
        (None, 4, "That is no whole number: it is 4 again."),
        ("many", 4, "'many' is no whole number: it is 4 again."),
        ("8 cards", 4, "'8 cards' is no whole number: it is 4 again."),
        ("1,2,3", 4, "'1,2,3' is no whole number: it is 4 again."),
        ("1.2.3", 4, "'1.2.3' is no whole number: it is 4 again."),
        ("-", 4, "'-' is no whole number: it is 4 again."),
        (".", 4, "'.' is no whole number: it is 4 again."),
        ("NaN", 4, "'NaN' is no whole number: it is 4 again."),
        ("inf", 4, "'inf' is no whole number: it is 4 again."),
        ("0x10", 4, "'0x10' is no whole number: it is 4 again."),
    ],
)
def test_a_text_is_taken_as_meant_or_corrected_in_words(text: str | None, value: int, said: str) -> None:
    read = read_whole_number(text, least=LEAST, most=MOST, standing=STANDING)
    assert (read.value, read.said) == (value, said)


def test_no_token_and_no_markup_of_others_is_repeated_as_it_is() -> None:
    said = read_whole_number("hf_" + "a" * 34, least=LEAST, most=MOST, standing=STANDING).said
    assert "hf_aaa" not in said
    said = read_whole_number("\x1b[31m\u202e8", least=LEAST, most=MOST, standing=STANDING).said
    assert said.isprintable()


@given(st.text(max_size=200) | st.from_regex(r"[+-]?[\d., _eEkM]{0,60}", fullmatch=True))
def test_any_text_gives_a_number_within_the_limits(text: str) -> None:
    read = read_whole_number(text, least=LEAST, most=MOST, standing=STANDING)
    assert LEAST <= read.value <= MOST
    assert len(read.said) < 250


@given(st.integers(LEAST, MOST))
def test_a_number_within_the_limits_is_itself_without_a_word(number: int) -> None:
    for text in (str(number), f"{number:,}"):
        read = read_whole_number(text, least=LEAST, most=MOST, standing=STANDING)
        assert (read.value, read.said) == (number, "")
