"""No regular expression of the package takes more than linear time, whatever it is given."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import pytest
from patterns import Expression, expressions, tabled, worst_texts

if TYPE_CHECKING:
    from collections.abc import Callable

FOUND, UNRESOLVED = expressions()
ALL = sorted([*FOUND, *tabled()], key=lambda one: (one.place, one.method, one.pattern.pattern))
MADE_OF_OWN_NAMES = {
    "intake/readers/gguf_text.py: re.escape(architecture)",
    "intake/readers/json_text.py: re.escape(digits)",
    "memory/unquantized.py: re.compile('|'.join(names))",
    "store/file/temporaries.py: re.escape(path.name)",
    "store/file/temporaries.py: re.fullmatch(pattern)",
    "training/modules.py: re.escape(name)",
    "training/modules.py: re.compile('|'.join((f'(?:.*\\\\.)?{re.escape(name)}' for name )",
}
"""Expressions made at run time: of names of our own tables and files, or of one escaped word."""

OF_LINES = "engines/logs/"
"""Its expressions see a few hundred characters at a time: tests/engines/logs/test_forms.py counts them."""

SMALL, LARGE = 2_000, 8_000
MOST_GROWTH = 8.0  # four times the text: linear is 4, quadratic 16
TOO_SHORT_SECONDS = 0.002
WHOLE = 256 * 1024


def used(expression: Expression) -> Callable[[str], None]:
    """What the package does with it, to the end."""
    method = getattr(expression.pattern, expression.method)

    def use(text: str) -> None:
        found = method("", text) if expression.method == "sub" else method(text)
        if expression.method == "finditer":
            for _ in found:
                pass

    return use


def seconds(use: Callable[[str], None], text: str) -> float:
    start = process_time()
    use(text)
    return process_time() - start


def test_every_expression_of_the_package_is_found() -> None:
    assert len(ALL) > 100
    elsewhere = {place for place in UNRESOLVED if not place.startswith(OF_LINES)}
    assert elsewhere - {place for place, _ in _tabled_places()} == MADE_OF_OWN_NAMES


def _tabled_places() -> list[tuple[str, str]]:
    return [(place, expression.place) for expression in tabled() for place in UNRESOLVED if expression.place in place]


def _is_linear(use: Callable[[str], None], text: str, longer: str) -> bool:
    taken = seconds(use, longer)
    return taken < TOO_SHORT_SECONDS or taken < MOST_GROWTH * seconds(use, text)


@pytest.mark.slow
@pytest.mark.parametrize("expression", ALL, ids=lambda e: f"{e.place[:60]}-{e.method}")
def test_four_times_the_text_takes_about_four_times_as_long(expression: Expression) -> None:
    use = used(expression)
    small = worst_texts(expression.pattern, SMALL)
    for (what, text), (_, longer) in zip(small, worst_texts(expression.pattern, LARGE), strict=True):
        if not any(_is_linear(use, text, longer) for _ in range(8)):
            pytest.fail(f"{what}: four times more than {MOST_GROWTH:.0f} times as long")


@pytest.mark.slow
@pytest.mark.parametrize("expression", ALL, ids=lambda e: f"{e.place[:60]}-{e.method}")
def test_the_largest_paste_takes_no_more_than_its_share(expression: Expression) -> None:
    """Of the slowest texts of 8,000 characters, 256 KiB take 33 times as long, give or take, and not its square."""
    use = used(expression)
    worst = max(worst_texts(expression.pattern, LARGE), key=lambda named: seconds(use, named[1]))[0]
    small = dict(worst_texts(expression.pattern, LARGE))[worst]
    large = dict(worst_texts(expression.pattern, WHOLE))[worst]
    assert any(_grows_with_its_share(use, small, large) for _ in range(8))


def _grows_with_its_share(use: Callable[[str], None], small: str, large: str) -> bool:
    """Whether it takes 12 times its share at most: caches and other processes account for some, a square for 33."""
    least = max(min(seconds(use, small) for _ in range(3)), 1e-5)
    return seconds(use, large) < 12 * (WHOLE / LARGE) * least
