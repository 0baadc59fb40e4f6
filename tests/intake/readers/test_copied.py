"""Whatever a terminal, a page, a mail or a script puts around a config, the config stays the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import read_config
from budsim_widgets.intake.hints import hint
from intake.corpus import LLAMA, PRETTY

if TYPE_CHECKING:
    from collections.abc import Callable

# Printable, with all that means something to the formats, and nothing that is a token.
CHARACTERS = st.sampled_from("ab 01_.,:;{}[]()<>|+*#/\\\"'=$%&-“”„\u2018\u2019\n\t模é")
TEXTS = st.text(CHARACTERS, max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | TEXTS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=6,
)
CONFIGS = st.dictionaries(TEXTS.map("x{}".format), VALUES, max_size=4).map(lambda more: {**LLAMA, **more})

FEW = settings(max_examples=40, deadline=None)


def numbered(lines: list[str]) -> str:
    return "\n".join(f"{number:6}\t{line}" for number, line in enumerate(lines, 1))


def apart(lines: list[str]) -> str:
    return "\n".join(f"{number}\n{line}" for number, line in enumerate(lines, 1))


def marked(mark: str) -> Callable[[list[str]], str]:
    return lambda lines: "\n".join(mark + line for line in lines)


def between(start: str, end: str) -> Callable[[list[str]], str]:
    return lambda lines: start + "\n".join(lines) + end


COPIES: dict[str, Callable[[list[str]], str]] = {
    "numbers": numbered,
    "numbers on lines of their own": apart,
    "a mail": marked("> "),
    "a table": marked("| "),
    "a diff": lambda lines: f"+++ b/c\n@@ -0,0 +1,9 @@\n{marked('+')(lines)}",
    "a diff of one place": lambda lines: f"@@ -0,0 +1,9 @@\n{marked('+')(lines)}",
    "escapes": lambda lines: json.dumps("\n".join(lines), ensure_ascii=False)[1:-1],
    "a terminal": between("me@box:~$ cat config.json\n", "\nme@box:~$ "),
    "a page": between("raw\nhistory\nblame\n826 Bytes\n", "\nCompany\nTOS"),
    "a chat": between("Here's the config:\n\n", "\n\nThat's it (I hope)!"),
    "a log": between("INFO 03-01 10:00:00 [config.py:100] Model config LlamaConfig ", "\n\nloading weights"),
    "a script": between('import json\n\nconfig = json.loads("""', '""")\nprint(config)\n'),
}


@pytest.mark.parametrize("name", COPIES)
@FEW
@given(config=CONFIGS)
def test_what_surrounds_a_config_changes_nothing_in_it(name: str, config: dict[str, Any]) -> None:
    text = COPIES[name](json.dumps(config, indent=2, ensure_ascii=False).split("\n"))
    reading = read_config(text)
    assert reading.config == read_config(config).config
    assert reading.repairs


@FEW
@given(config=CONFIGS)
def test_a_dict_in_a_script_is_the_same_config(config: dict[str, Any]) -> None:
    text = f"from x import y\n\nCONFIG = {config!r}\n\ny(CONFIG)\n"
    assert read_config(text).config == read_config(config).config


@FEW
@given(before=st.text("abc ,.:;-!?'$#>\n", max_size=60), after=st.text("abc ,.;-!?'$#>)]~`|*_\n", max_size=60))
def test_any_words_may_stand_around(before: str, after: str) -> None:
    assert read_config(f"{before}\n{PRETTY}\n{after}").config == LLAMA


_BEFORE = ("", "[", "(", "([\n", ". ", "- ", "config: ")
_AFTER = (
    ".",
    "\n.",
    " .",
    "\n-",
    ",",
    " ,\n",
    "]",
    ")",
    "\n:)",
    "\n:",
    "\n~~~",
    "\n```\n.",
    "```",
    "\n[1]",
    "\n%",
    "\n\\",
)


@pytest.mark.parametrize(
    "signs", [(before, after) for before in _BEFORE for after in _AFTER if before + after != "[]"], ids=repr
)
def test_a_whole_config_is_taken_whatever_signs_stand_beside_it(signs: tuple[str, str]) -> None:
    before, after = signs
    assert read_config(before + PRETTY + after).config == LLAMA


@pytest.mark.parametrize("after", ["}", "\n}\n", '}, "hidden_size": 5}', ", hidden_size: 5}", '\n],\n "x": 1'])
def test_a_config_inside_of_something_larger_is_not_taken_for_all_of_it(after: str) -> None:
    with pytest.raises(ConfigError):
        read_config(PRETTY + after)


@pytest.mark.parametrize("name", COPIES)
@FEW
@given(cut=st.integers(20, len(PRETTY) - 2))
def test_a_copy_that_is_cut_off_is_never_taken_for_whole(name: str, cut: int) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(COPIES[name](PRETTY[:cut].split("\n")))
    assert caught.value.code in {"TRUNCATED", "NOT_JSON"}


@pytest.mark.parametrize("name", COPIES)
def test_a_mistake_keeps_its_line(name: str) -> None:
    lines = PRETTY.replace("4096,", "4096").split("\n")
    text = COPIES[name](lines)
    with pytest.raises(ConfigError) as caught:
        read_config(text)
    line = caught.value.line
    assert line is not None
    assert "intermediate_size" in text.split("\n")[line - 1]


def test_a_part_of_a_config_is_never_taken_for_the_whole() -> None:
    for first in range(1, 10):
        with pytest.raises(ConfigError):
            read_config("\n".join(PRETTY.split("\n")[first:]))


def test_words_that_hint_at_nothing_get_the_place_of_the_mistake() -> None:
    assert hint("How much memory does it need?") is None
    with pytest.raises(ConfigError, match="Line 1, column 1: a config begins with") as caught:
        read_config("How much memory does it need?")
    assert caught.value.next_step.startswith("Paste the model's config.json")
