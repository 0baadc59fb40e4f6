"""Every paste of the corpus gets the answer that helps its person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config
from intake import corpus
from intake.corpus import LLAMA, PRETTY, TAKEN, TOKEN, Paste
from intake.pastes import CONVERTED, CORPUS, REFUSED, REPAIRED, SECRETS

CODES = {
    *("EMPTY", "TOO_LARGE", "TOO_DEEP", "TOO_MANY_ITEMS", "ENCODING", "NOT_JSON"),
    *("TRUNCATED", "HTML_PAGE", "GATED_PAGE", "API_ERROR", "LFS_POINTER", "NOT_OBJECT"),
    *("WRONG_FILE", "SECRET", "DUPLICATE_KEY", "NON_FINITE", "MISSING_FIELD", "FIELD_TYPE"),
    *("FIELD_RANGE", "FIELD_VALUE", "INCONSISTENT", "UNSUPPORTED"),
}


def submit(source: Any) -> None:
    check_fields(read_config(source).config)


def refusal(paste: Paste) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        submit(paste.source)
    return caught.value


@pytest.mark.parametrize("paste", REFUSED, ids=str)
def test_a_bad_paste_is_refused_with_its_code(paste: Paste) -> None:
    error = refusal(paste)
    assert error.code == paste.code
    assert paste.field in {None, error.field}
    assert paste.line in {None, error.line}


@pytest.mark.parametrize("paste", REFUSED, ids=str)
def test_a_refusal_is_short_and_printable_and_says_what_to_do(paste: Paste) -> None:
    error = refusal(paste)
    assert len(error.message) < 300
    assert error.message.isprintable()
    assert error.message.endswith(".")
    assert error.next_step.endswith(".")
    assert error.next_step.isprintable()


@pytest.mark.parametrize("paste", TAKEN, ids=str)
def test_a_good_paste_is_taken_as_it_is(paste: Paste) -> None:
    reading = read_config(paste.source)
    check_fields(reading.config)
    assert reading.repairs == ()


@pytest.mark.parametrize("paste", REPAIRED, ids=str)
def test_harmless_damage_is_mended_and_named(paste: Paste) -> None:
    reading = read_config(paste.source)
    check_fields(reading.config)
    assert bool(reading.repairs) is paste.repaired


@pytest.mark.parametrize("paste", CONVERTED, ids=str)
def test_what_is_converted_is_the_same_config_and_says_what_it_was(paste: Paste) -> None:
    reading = read_config(paste.source)
    assert paste.config in (None, reading.config)
    assert reading.format == paste.format
    assert all(repair.isprintable() and len(repair) < 200 for repair in reading.repairs)


@pytest.mark.parametrize("paste", [paste for paste in corpus.REPAIRED if "hidden" in str(paste.source)], ids=str)
def test_mending_changes_no_value(paste: Paste) -> None:
    config = read_config(paste.source).config
    if config.keys() == LLAMA.keys() and "1e3" not in str(paste.source):
        assert config == LLAMA


@pytest.mark.parametrize("paste", SECRETS, ids=str)
def test_a_secret_is_never_repeated(paste: Paste) -> None:
    error = refusal(paste)
    context: BaseException | None = error
    while context is not None:
        assert TOKEN not in f"{context!r} {context} {vars(context)}"
        assert "hunter2" not in repr(context)
        assert TOKEN[6:] not in repr(vars(context))
        context = context.__cause__ or context.__context__


@pytest.mark.parametrize("paste", REFUSED, ids=str)
def test_a_refusal_carries_no_text_of_the_paste(paste: Paste) -> None:
    context: BaseException | None = refusal(paste).__context__
    while context is not None:
        assert not isinstance(context, (json.JSONDecodeError, UnicodeError))
        context = context.__context__


def test_the_corpus_holds_every_code() -> None:
    assert {paste.code for paste in CORPUS} - {None} == CODES


def test_the_names_of_the_corpus_are_unique() -> None:
    names = [paste.name for paste in CORPUS]
    assert len(names) == len(set(names)) >= 250


def test_the_message_shows_the_line() -> None:
    with pytest.raises(
        ConfigError, match=r'Line 14, column 3: a comma is missing before this\. .*`"intermediate_size": 14336,`'
    ):
        read_config(PRETTY.replace("4096,", "4096"))


@pytest.mark.parametrize(
    ("number", "code"),
    [("NaN", "NON_FINITE"), ("1e400", "NON_FINITE"), ("9" * 32, "TOO_LARGE"), ("0." + "1" * 70, "TOO_LARGE")],
)
def test_a_number_that_is_not_read_is_found_by_its_line(number: str, code: str) -> None:
    for text in (PRETTY, f"LlamaConfig {PRETTY}", f"$ cat config.json\n{PRETTY}"):
        with pytest.raises(ConfigError, match=r"A value on line 1[34] is") as caught:
            read_config(text.replace("4096", number))
        assert caught.value.code == code
        assert caught.value.line == text[: text.index("4096")].count("\n") + 1


def test_a_wrong_file_is_named_with_the_file_to_paste() -> None:
    with pytest.raises(ConfigError, match=r"tokenizer_config\.json") as caught:
        read_config('{"tokenizer_class": "LlamaTokenizer"}')
    assert "config.json" in caught.value.next_step


def test_every_missing_field_is_named() -> None:
    with pytest.raises(ConfigError, match="hidden_size, num_hidden_layers and num_attention_heads") as caught:
        check_fields({"model_type": "llama", "vocab_size": 8})
    assert caught.value.missing_fields == ("hidden_size", "num_hidden_layers", "num_attention_heads")
    assert caught.value.required_fields == (*caught.value.missing_fields, "vocab_size")


def test_a_state_space_model_needs_no_heads() -> None:
    with pytest.raises(ConfigError) as caught:
        check_fields({"model_type": "mamba"})
    assert "num_attention_heads" not in caught.value.required_fields


def test_a_number_in_quotes_is_answered_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match="quotes") as caught:
        check_fields({**LLAMA, "hidden_size": "4096"})
    assert caught.value.message == 'hidden_size is "4096"; expected a whole number from 1 to 1,000,000.'
