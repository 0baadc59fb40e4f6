"""Every language has every sentence, with the same places for values, and none that nobody says."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest

import budsim_widgets
from budsim_widgets.errors import LanguageError
from budsim_widgets.translation import (
    ENGLISH,
    catalogue_of,
    in_language,
    language_of,
    languages,
    remembering_language,
    tr,
    tr_count,
    translated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(budsim_widgets.__file__).parent
OTHERS = [code for code in languages() if code != "en"]
SAYING = {"tr", "mark", "tr_html", "tr_count"}


def trees() -> Iterator[ast.Module]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name != "translation":
            yield ast.parse(path.read_text(encoding="utf-8"))


def said_in_the_code() -> set[str]:
    """What stands in `tr`, `mark`, `tr_html` and `tr_count`; the two forms of the last as a catalogue joins them."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
                texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                if texts:
                    found.add(" | ".join(texts[:2]) if node.func.id == "tr_count" else texts[0])
    return found


def made_in_the_code() -> set[str]:
    """Every text and f-string, `{}` for what is filled in."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                found.add("".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value, with_empty_places(node.value)}
    return found


def with_empty_places(text: str) -> str:
    """A text that `format` fills in, as an f-string with the same words."""
    return re.sub(r"{\w+(?::[^{}]*)?}", "{}", text)


def places(sentence: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(sentence) if name is not None}


def unfilled(sentence: str) -> str:
    return "".join(text + ("{}" if name is not None else "") for text, name, _, _ in Formatter().parse(sentence))


@pytest.fixture(params=OTHERS)
def sentences(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(catalogue_of(request.param).sentences)


def test_every_sentence_of_the_code_is_translated(sentences: dict[str, Any]) -> None:
    assert sorted(said_in_the_code() - sentences.keys()) == []


def test_every_other_sentence_is_made_somewhere_in_the_code(sentences: dict[str, Any]) -> None:
    """One whose English was changed would never be recognised again."""
    made = made_in_the_code()
    elsewhere = sentences.keys() - said_in_the_code()
    assert sorted(one for one in elsewhere if unfilled(one) not in made) == []


def test_the_places_for_values_are_those_of_the_english_sentence(sentences: dict[str, Any]) -> None:
    for english, other in sentences.items():
        forms = other if isinstance(other, list) else [other]
        assert all(places(form) == places(english) for form in forms), english


def test_nothing_is_left_empty(sentences: dict[str, Any]) -> None:
    assert all(all(value) if isinstance(value, list) else value.strip() for value in sentences.values())


def test_a_file_holds_each_sentence_once() -> None:
    for code in OTHERS:
        text = (PACKAGE / "translation" / f"{code}.json").read_text(encoding="utf-8")
        keys = re.findall(r'^    ("(?:[^"\\]|\\.)*"):', text, re.MULTILINE)
        assert len(keys) == len(set(keys)) > 500


def test_what_is_no_name_of_a_language_is_refused() -> None:
    with pytest.raises(LanguageError, match="5 is no language"):
        catalogue_of(5)  # type: ignore[arg-type] # what a person may give


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LanguageError, match=r"no translation into 'tlh'.*en, zh"):
        catalogue_of("tlh")


@pytest.mark.parametrize("named", ["zh", "zh_CN.UTF-8", "zh-Hans", "ZH"])
def test_a_language_is_named_as_systems_name_it(named: str) -> None:
    assert catalogue_of(named).code == "zh"


def test_the_environment_chooses_where_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDSIM_LANGUAGE", "zh")
    assert (language_of(None).code, language_of("en").code) == ("zh", "en")


def test_an_unknown_language_in_the_environment_is_a_warning_and_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDSIM_LANGUAGE", "klingon")
    with pytest.warns(UserWarning, match="BUDSIM_LANGUAGE: There is no translation"):
        assert language_of(None) is ENGLISH


def test_a_number_takes_the_form_of_its_language() -> None:
    assert [tr_count("{count:,} request", "{count:,} requests", one) for one in (1, 2000)] == [
        "1 request",
        "2,000 requests",
    ]
    with in_language(catalogue_of("zh")):
        assert tr_count("{count:,} request", "{count:,} requests", 2000).startswith("2,000")


def test_a_sentence_made_elsewhere_is_recognised_with_its_parts() -> None:
    english = (
        "meta-llama/Llama-3.1-8B is gated: its files are open to accounts that were granted access, "
        "and nobody is logged in here."
    )
    with in_language(catalogue_of("zh")):
        shown = translated(english)
    assert shown.startswith("meta-llama/Llama-3.1-8B")
    assert "open to" not in shown
    assert translated(english) == english


@pytest.mark.parametrize("text", ["", "{0.__class__}", "{" * 5000, "a {b", "x is gated: " * 2000, "%s %(x)s"])
def test_what_others_wrote_is_text_and_never_a_template(text: str) -> None:
    with in_language(catalogue_of("zh")):
        assert text[:5] in translated(f"The config of {text} is saved.") + text
        translated(text)
        assert tr("Use the config of {model}", model=text).count(text or "的") >= 1


def test_a_callback_speaks_the_language_in_which_it_was_made() -> None:
    with in_language(catalogue_of("zh")):
        said = remembering_language(lambda: tr("Cancel"))
    assert (said(), tr("Cancel")) == (catalogue_of("zh").sentence("Cancel"), "Cancel")
