"""What is written in any format is read back as the same config, and no damage to it goes unanswered."""

from __future__ import annotations

import json
import pprint
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import check_fields, read_config
from budsim_widgets.intake.wording import show_line
from intake.corpus import LLAMA, PRETTY, TOKEN
from intake.corpus_native import META
from intake.gguf_models import MODELS, WRITERS
from intake.pastes import CONVERTED

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# No control characters, as in any printed text, and neither what JSON refuses nor a quotation mark of a fence.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="`"), max_size=12)
NUMBERS = st.integers(-(10**19), 10**19) | st.floats(allow_nan=False, allow_infinity=False)
ODD_TEXTS = st.sampled_from(["it's", 'so "so"', "a\\b", "# a", "// b", "None", "a " * 60])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS | ODD_TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
# Names that no format and no known file has.
EXTRAS = st.dictionaries(st.from_regex(r"x_[a-z]{1,8}", fullmatch=True), VALUES, max_size=4)


def as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


def as_call(config: dict[str, Any]) -> str:
    return "LlamaConfig(\n" + "".join(f"    {name}={value!r},\n" for name, value in config.items()) + ")"


def with_comments(config: dict[str, Any]) -> str:
    return "// x\n" + re.sub(r",\n", ",  # 'y\" {[\n", json.dumps(config, indent=1))[:-2] + ", /* z\n*/ }"


PYTHON: dict[str, Callable[[dict[str, Any]], str]] = {
    "a dict": repr,
    "a printed dict": pprint.pformat,
    "a dict of tuples": lambda config: repr(as_tuples(config)),
    "an assignment": lambda config: f"config = {config!r}",
    "JSON in quotes": lambda config: repr(json.dumps(config)),
    "a call": as_call,
    "a printed config": lambda config: f"LlamaConfig {json.dumps(config, indent=2)}",
    "JSON with comments": with_comments,
    "a block in an answer": lambda config: f"Here:\n\n```json\n{json.dumps(config, indent=2)}\n```\nBye",
    "a dict in a block": lambda config: f"```python\n{config!r}\n```",
    "UTF-16": lambda config: json.dumps(config, ensure_ascii=False).encode("utf-16").decode("utf-16"),
}


# What a sentence or a terminal leaves behind a config; brackets, commas and colons would make it a part of something.
AFTER = st.text(st.sampled_from(" \n.-+eEtTfFnNuU\\!?;…_$%1"), min_size=1, max_size=6)


@FEW
@given(after=AFTER, indent=st.sampled_from([None, 2]))
def test_a_whole_config_is_read_whatever_stands_behind_it(after: str, indent: int | None) -> None:
    assert read_config(json.dumps(LLAMA, indent=indent) + after).config == LLAMA


@pytest.mark.parametrize("writer", PYTHON)
@FEW
@given(extras=EXTRAS)
def test_what_is_written_is_read_back(writer: str, extras: dict[str, Any]) -> None:
    config = {**LLAMA, **extras}
    try:
        expected = read_config(config).config
        text = PYTHON[writer](config)
        found = read_config(text)
    except ConfigError as error:
        assert error.code in {"NON_FINITE", "TOO_LARGE", "ENCODING", "SECRET"}  # noqa: PT017 - both outcomes are right
    else:
        assert found.config == expected
        assert found.repairs or writer == "UTF-16"


@FEW
@given(st.sampled_from(MODELS), st.sampled_from(sorted(WRITERS)), EXTRAS)
def test_what_else_stands_in_a_listing_changes_nothing(model: Any, writer: str, extras: dict[str, Any]) -> None:
    more = {f"general.{name}": str(value) for name, value in extras.items()}
    plain = read_config(WRITERS[writer](model)).config
    changed = type(model)(**{**vars(model), "values": {**model.values, **more}})
    with suppress(ConfigError):
        assert read_config(WRITERS[writer](changed)).config == plain


@FEW
@given(st.sampled_from(CONVERTED), st.integers(0, 10**6), st.integers(0, 40), st.text(max_size=6))
def test_any_damage_to_any_format_is_answered(paste: Any, start: int, length: int, inserted: str) -> None:
    source = paste.source
    if isinstance(source, str):
        start %= len(source) + 1
        with suppress(ConfigError):
            check_fields(read_config(source[:start] + inserted + source[start + length :]).config)


@FEW
@given(st.sampled_from(CONVERTED), st.integers(0, 10**6), st.integers(0, 255))
def test_any_changed_byte_is_answered(paste: Any, place: int, byte: int) -> None:
    data = bytearray(paste.source.encode() if isinstance(paste.source, str) else json.dumps(LLAMA).encode("utf-16"))
    data[place % len(data)] = byte
    with suppress(ConfigError):
        check_fields(read_config(bytes(data)).config)


@FEW
@given(st.dictionaries(st.sampled_from(sorted({*META, "moe", "head_dim", "hidden_dim"})), VALUES, max_size=5))
def test_any_values_in_a_params_json_are_answered(changes: dict[str, Any]) -> None:
    with suppress(ConfigError):
        check_fields(read_config({**META, **changes}).config)


KEYS = sorted({key for model in MODELS for key in model.values} | {"general.type", "tokenizer.ggml.tokens"})


@FEW
@given(st.sampled_from(MODELS), st.dictionaries(st.sampled_from(KEYS), VALUES | st.integers(-3, 300), max_size=5))
def test_any_values_in_the_metadata_are_answered(model: Any, changes: dict[str, Any]) -> None:
    with suppress(ConfigError):
        check_fields(read_config({**model.values, **changes}).config)


@FEW
@given(st.text("()[]{},:'\"=#/*\\ \n-._a1NT", max_size=40))
def test_any_text_of_brackets_and_quotes_is_answered(text: str) -> None:
    for source in (text, f"{{'a': {text}}}", f"LlamaConfig({text})", f"```\n{text}\n```"):
        with suppress(ConfigError):
            read_config(source)


@FEW
@given(
    st.integers(1, 8), st.sampled_from(["\\x{:02x}", "\\u{:04x}", "\\U{:08x}"]), st.sampled_from("'\""), st.booleans()
)
def test_a_token_in_escapes_is_found(step: int, escape: str, quote: str, is_broken: bool) -> None:  # noqa: FBT001 - drawn
    written = "".join(escape.format(ord(c)) if index % step == 0 else c for index, c in enumerate(TOKEN))
    text = f"{{{quote}note{quote}: {quote}{written}{quote}{' oops' if is_broken else ''}}}"
    with pytest.raises(ConfigError) as caught:
        read_config(text)
    if escape != "\\U{:08x}" or quote == "'":
        assert caught.value.code == "SECRET"
    assert TOKEN[3:] not in str(caught.value)
    assert written not in str(caught.value)


@FEW
@given(st.text(max_size=120), st.integers(0, 120), st.integers(1, 200))
def test_no_piece_of_a_token_is_shown_with_a_line(line: str, place: int, column: int) -> None:
    shown = show_line(f"{line[:place]} {TOKEN} {line[place:]}", column)
    assert TOKEN[3:15] not in shown


@FEW
@given(st.integers(0, len(PRETTY)))
def test_a_mistake_keeps_the_line_of_the_person(place: int) -> None:
    """An unknown character is found on its line, whatever was repaired above it."""
    head, tail = f"// one\n/* two\n three */{PRETTY}"[: place + 23], f"{PRETTY}"[place:]
    text = head + "¿" + tail
    try:
        read_config(text)
    except ConfigError as error:
        assert error.line in {None, head.count("\n") + 1}  # noqa: PT017 - inside of quotes it is no mistake
