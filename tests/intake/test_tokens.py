from __future__ import annotations

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.errors import BudsimError, ConfigError, ModelIdError
from budsim_widgets.hub.ids.pasted_line import clean
from budsim_widgets.intake import read_config
from budsim_widgets.intake.tokens import refuse_secrets

LETTERS = "AbCdEfGhIjKlMnOpQr0123456789AbCdEf"
TOKEN = f"hf_{LETTERS}"
FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in TOKEN}
CONFIG = '{"model_type": "llama", "hidden_size": 64}'

BROKEN = {
    "a line break": f"{TOKEN[:12]}\n{TOKEN[12:]}",
    "a line break of Windows": f"{TOKEN[:12]}\r\n{TOKEN[12:]}",
    "an indented line": f"{TOKEN[:12]}\n    {TOKEN[12:]}",
    "a quoted mail": f"> {TOKEN[:12]}\n> {TOKEN[12:]}",
    "an escaped line break": f"{TOKEN[:12]}\\n{TOKEN[12:]}",
    "full-width letters": TOKEN.translate(FULL_WIDTH),
    "full-width letters behind the mark": "hf_" + LETTERS.translate(FULL_WIDTH),
    "an invisible character": f"{TOKEN[:9]}\u200b{TOKEN[9:]}",
    "a change of direction": f"{TOKEN[:9]}\u202e{TOKEN[9:]}",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(
    "paste", ["{token}", "{config}\n{token}", '{{"token": "{token}", "hidden_size": 64}}', "login {token} and go on"]
)
def test_a_broken_token_is_found_and_no_part_of_it_repeated(broken: str, paste: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(paste.format(token=broken, config=CONFIG))
    assert caught.value.code == "SECRET"
    assert_not_repeated(caught.value)


@pytest.mark.parametrize(
    "broken", [b for b in BROKEN.values() if "\\" not in b], ids=[k for k in BROKEN if "esc" not in k]
)
def test_a_broken_token_is_no_model_id(broken: str) -> None:
    with pytest.raises(ModelIdError) as caught:
        clean(broken.removeprefix("> "))
    assert_not_repeated(caught.value)


@given(cut=st.integers(4, len(TOKEN) - 1), around=st.sampled_from(["\n", "\r\n", "\n  ", "\n\n", "\u200d", "\u2060"]))
def test_wherever_a_token_is_broken_it_is_found(cut: int, around: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(f"{CONFIG} {TOKEN[:cut]}{around}{TOKEN[cut:]}")
    assert caught.value.code == "SECRET"


@pytest.mark.parametrize("field", ["model_type", "hidden_size", "torch_dtype", "layer_types", "architectures"])
def test_no_message_repeats_what_may_be_a_part_of_a_token(field: str) -> None:
    """Half a token has no mark by which it could be told; it isn't repeated either."""
    config = {**json.loads(CONFIG), field: LETTERS[:20]}
    try:
        config_text = json.dumps(config)
        read_config(config_text)
        from budsim_widgets.architectures import build  # noqa: PLC0415 - what checks the values

        build(config)
    except BudsimError as error:
        told = error
    else:
        pytest.skip("nothing is wrong with it")
    assert LETTERS[:16] not in f"{told} {told!r}"


def test_runs_of_combining_marks_take_no_longer_than_letters_do() -> None:
    """Normalizing such a text as a whole takes quadratic time: 8.6 s for 254 KiB."""

    def least_seconds(marks: str) -> float:
        text = '{"a": "' + marks * 65_000 + '"}'
        taken = []
        for _ in range(3):
            start = process_time()
            refuse_secrets(text)
            taken.append(process_time() - start)
        return min(taken)

    assert least_seconds("\u0316\u0300") < 20 * least_seconds("\u00e4\u00f6")


def assert_not_repeated(error: BudsimError) -> None:
    told = f"{error} {error!r} {error.next_step}"
    assert not any(TOKEN[start : start + 6] in told for start in range(len(TOKEN) - 6))
