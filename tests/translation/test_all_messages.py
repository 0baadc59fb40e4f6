"""No sentence of the package stays English in a panel of another language: all are walked, none are listed."""

from __future__ import annotations

import ast
import re

import pytest

from budsim_widgets.translation import catalogue_of, in_language, languages, translated
from translation.messages import NO_SENTENCES, NOT_ON_SCREEN, PACKAGE, known_to, messages, reads_as_a_sentence, texts_in

OTHERS = [code for code in languages() if code != "en"]
FOUND = tuple(messages())


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_that_the_code_can_say_is_translated(code: str) -> None:
    known = known_to(dict(catalogue_of(code).sentences))
    with_names = {re.sub(r"{\w*(?::[^{}]*)?}", "{}", text): place for text, place in FOUND if text not in known}
    assert {text: place for text, place in with_names.items() if text not in known} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_a_sentence_is_recognised_with_anything_in_its_places(code: str) -> None:
    """That a catalogue has it is one thing, that it is the one which is found another."""
    language = catalogue_of(code)
    unsaid = []
    with in_language(language):
        for text, place in FOUND:
            said = text.replace("{}", "Qwen/x-1")
            if text.count("{}") and translated(said) == said:
                unsaid.append((place, text))
    assert unsaid == []


def test_the_walk_finds_what_people_read() -> None:
    texts = {text for text, _ in FOUND}
    assert len(texts) > 1_000
    assert any("is gated" in text for text in texts)


def test_what_is_left_out_is_still_there_to_be_left_out() -> None:
    for beginning in NOT_ON_SCREEN:
        assert list(PACKAGE.glob(f"{beginning}*")), beginning
    said = {text for path in PACKAGE.rglob("*.py") for _, text in texts_in(ast.parse(path.read_text("utf-8")))}
    assert said >= NO_SENTENCES


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("{} has no config.json{}.", True),
        ("the price list", True),
        ("config.json", False),
        ("num_hidden_layers hidden_size", False),
        ("budsim-badge is", False),
    ],
)
def test_a_sentence_has_words_that_hold_it_together(text: str, *, is_one: bool) -> None:
    assert reads_as_a_sentence(text) is is_one
