from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.formats.globs import regex_of_glob
from budsim_widgets.formats.patterns.automaton import MAX_STATES, UnreadablePatternError
from budsim_widgets.formats.patterns.pattern import Pattern

_atoms = st.sampled_from(["a", "b", "1", r"\.", r"\d", ".", "[ab]", "[^a]", "[0-9]", r"\w", "_"])
_signs = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "{0,2}", "*?"])
_repeated = st.builds("{}{}".format, _atoms, _signs)
_sequences = st.lists(_repeated, max_size=4).map("".join)
_groups = st.builds("({}|{}){}".format, _sequences, _sequences, _signs)
_patterns = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "^"]),
    st.lists(_sequences | _groups, min_size=1, max_size=3).map("".join)
    | st.builds("{}|{}".format, _sequences, _groups),
    st.sampled_from(["", "$"]),
)


@given(pattern=_patterns, name=st.text(alphabet="ab1._", max_size=12))
def test_a_pattern_matches_what_re_matches(pattern: str, name: str) -> None:
    try:
        ours = Pattern.of(pattern)
    except UnreadablePatternError:
        return
    assert ours.matches(name) == (re.match(pattern, name) is not None)


@given(glob=st.text(alphabet="ab1.*?_", max_size=10), name=st.text(alphabet="ab1._", max_size=12))
def test_a_glob_matches_what_fnmatch_matches(glob: str, name: str) -> None:
    from fnmatch import fnmatchcase  # noqa: PLC0415 - what it is compared with

    assert Pattern.of(regex_of_glob(glob)).matches(name) is fnmatchcase(name, glob)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b", "(?!a)b", "(?<=a)b", "(?P<n>a)", r"(a)\1", "a{99999999999}", "a{2,1}", "a{,}", "(" * 5000, ")", "[a",
        "[]", "a**", "*a", "+", r"\b", r"\x41", "a" * MAX_STATES * 2, "(a$|b)", "[z-a]", "((a{20}){20}){20}", "\\",
    ],
    ids=lambda pattern: pattern[:12],
)  # fmt: skip
def test_what_is_outside_the_language_is_unreadable(pattern: str) -> None:
    with pytest.raises(UnreadablePatternError):
        Pattern.of(pattern)


@given(pattern=st.text(alphabet=r"ab1.*+?()[]{}|^$\d,-", max_size=40))
def test_any_text_is_a_pattern_or_unreadable(pattern: str) -> None:
    try:
        Pattern.of(pattern).matches("model.layers.1.mlp")
    except UnreadablePatternError:
        pass
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # signs that may mean something else one day
            re.compile(pattern)  # what is read is an expression


@pytest.mark.parametrize("pattern", ["^([^#]+)+#$", "(x+x+)+y", "(.*)*$", "(a|a)*b", "(.+)+z"])
def test_steps_grow_with_the_name_and_no_faster(pattern: str) -> None:
    """The patterns with which `re` never comes back."""
    taken: list[str] = []

    class Counting(Pattern):
        def _step(self, current: frozenset[int], character: str) -> frozenset[int]:
            taken.append(character)
            return super()._step(current, character)

    def steps(length: int) -> int:
        taken.clear()
        made = Pattern.of(pattern)
        Counting(made.states, made.end, made.whole_end).matches("x" * length)
        return len(taken)

    assert steps(1000) <= 10 * steps(100)
