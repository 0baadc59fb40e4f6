"""What is said of a place is true of the whole range of the estimates."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.fitting.placement import verdict_of
from budsim_widgets.fitting.sentences import place_words, placed_sentence

GIB = 2**30


@given(
    total=st.integers(0, 100 * GIB),
    less=st.integers(0, 10 * GIB),
    more=st.integers(0, 10 * GIB),
    capacity=st.integers(1, 120 * GIB),
)
def test_tight_names_the_end_of_the_estimate_that_decides(total: int, less: int, more: int, capacity: int) -> None:
    free = capacity - total
    verdict = verdict_of(free, less, more)
    sentence = placed_sentence(verdict, "one card", free, capacity, is_one=True)
    low_fits, high_fits = total - less <= capacity, total + more <= capacity
    if "at its low end it fits" in sentence:
        assert low_fits
        assert total > capacity
    elif "at its high end it does not fit" in sentence:
        assert not high_fits
        assert total <= capacity
    else:
        assert sentence.startswith("Fits on" if high_fits else "Does not fit on")
        assert high_fits or not low_fits


@given(free=st.integers(-(2**40), 2**40))
def test_few_words_say_over_of_what_fits_only_with_may(free: int) -> None:
    words = place_words("tight", free)
    assert words.startswith("tight")
    assert ("may fit" in words) == ("over" in words) == (free < 0)
    assert "about" in words
