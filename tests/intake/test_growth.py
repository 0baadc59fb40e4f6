"""Reading takes time in proportion to a text's length, in every reader, whatever the text."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from time import process_time
from typing import TYPE_CHECKING

import pytest
from steps import steps_of

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config
from intake.worst_texts import paired, repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL, LARGE = 16 * 1024, 64 * 1024
MOST_GROWTH = 8.0  # four times the text: linear is 4, quadratic 16
TOO_SHORT_SECONDS = 0.01
STEPS_A_CHARACTER = 40
EVERY = 17


def seconds(text: str) -> float:
    start = process_time()
    with suppress(ConfigError):
        read_config(text)
    return process_time() - start


def is_linear(small: str, large: str) -> bool:
    taken = seconds(large)
    return taken < TOO_SHORT_SECONDS or taken < MOST_GROWTH * max(seconds(small), TOO_SHORT_SECONDS / 8)


@pytest.mark.slow
@pytest.mark.parametrize("texts", [repeated, paired], ids=lambda texts: texts.__name__)
def test_four_times_the_text_takes_about_four_times_as_long(texts: Callable[[int], Iterator[tuple[str, str]]]) -> None:
    slow = [
        what
        for (what, small), (_, large) in zip(texts(SMALL), texts(LARGE), strict=True)
        if not any(is_linear(small, large) for _ in range(8))
    ]
    assert slow == []


@pytest.mark.parametrize("texts", [repeated, paired], ids=lambda texts: texts.__name__)
def test_steps_are_a_few_for_each_character(texts: Callable[[int], Iterator[tuple[str, str]]]) -> None:
    """Of some of them, for everyday; what functions of C do is timed above."""
    some = islice(texts(SMALL), 0, None, EVERY)
    taken = {what: steps_of(lambda text=text: read_config(text)) / len(text) for what, text in some}  # type: ignore[misc]
    assert {what: steps for what, steps in taken.items() if steps > STEPS_A_CHARACTER} == {}
