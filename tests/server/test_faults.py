"""What goes wrong is said in JSON: no traceback, no path, no token; the log holds what a person needs to fix it."""

from __future__ import annotations

import os
import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, PUBLIC_CONFIGS

from budsim_widgets.actions import Actions
from budsim_widgets.server.responses import ErrorResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.conftest import Answered

    Ask = Callable[..., Answered]

GATED, CONFIG = next(iter(GATED_CONFIGS.items()))
PUBLIC = next(iter(PUBLIC_CONFIGS))
QUESTIONS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "validate": ("models/validate", {"model_uri": GATED}),
    "calculate": ("models/calculate", {"model_uri": GATED}),
    "analyze": ("models/analyze", {"model_uri": GATED}),
    "compare": ("models/compare", {"model_uris": [GATED]}),
    "submit_config": ("models/config/submit", {"model_uri": GATED, "config": CONFIG}),
    "check_config": (f"models/config/check/{GATED}", None),
    "get_config": (f"models/{GATED}/config", None),
}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What the server has logged since the test began, at every level, with its tracebacks."""
    return lambda: caplog.text


@pytest.mark.parametrize("action", QUESTIONS)
def test_a_fault_of_the_server_is_told_without_its_inside_and_logged_without_the_token(
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    jp_auth_header: dict[str, str],
    log: Callable[[], str],
    action: str,
) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"broken at {Path.home()}")

    monkeypatch.setattr(Actions, action, failing)
    path, body = QUESTIONS[action]
    token = jp_auth_header["Authorization"].removeprefix("token ")
    answered = ask(f"{path}?token={token}", body, headers={"Referer": f"http://127.0.0.1/lab?token={token}"})
    assert answered.status == 500
    assert ErrorResponse.model_validate(answered.json).error_code == "SERVER_ERROR"
    assert not re.search(r"broken|Traceback|RuntimeError|\.py|File", answered.text)
    assert str(Path.home()) not in answered.text
    assert "RuntimeError: broken at" in log()
    assert "Traceback" in log()
    assert token not in log()


def test_no_refusal_writes_the_token_into_the_log(
    ask: Ask, jp_auth_header: dict[str, str], log: Callable[[], str]
) -> None:
    token = jp_auth_header["Authorization"].removeprefix("token ")
    for path in ("models/calculate", "models/none/at/all", "none", f"models/config/check/{GATED}"):
        for query, method in product((token, f"{token}wrong"), ("GET", "POST", "PUT", "DELETE")):
            ask(f"{path}?token={query}", method=method, headers={})
    assert "405 DELETE" in log()
    assert "404 DELETE" in log()
    assert token not in log()


def test_no_error_repeats_an_access_token_wherever_it_was_put(ask: Ask) -> None:
    token = "hf_" + "aB3" * 12
    for path, body in (
        ("models/calculate", {token: 1}),
        ("models/calculate", {"config": CONFIG, "precision": token}),
        ("models/calculate", {"config": {**CONFIG, token: 1}}),
        ("models/calculate", {"config": {**CONFIG, "hidden_size": token}}),
        ("models/calculate", f'{{"model_uri": "{token}" x'),
        ("models/compare", {"model_uris": [token]}),
        ("models/config/submit", {"model_uri": GATED, "config": f'{{"token": "{token}", x'}),
        ("models/config/submit", {"model_uri": GATED, "config": {**CONFIG, "token": token}}),
    ):
        answered = ask(path, body)
        assert answered.status == 400
        assert token not in answered.text


def test_an_access_token_taken_for_an_id_is_not_written_into_the_log(ask: Ask, log: Callable[[], str]) -> None:
    token = "hf_" + "a" * 34
    for path in ("models/{}/config", "models/config/check/org%2F{}", "models/config/check/gpt2?x={}", "none/{}"):
        answered = ask(path.format(token))
        assert token not in answered.text
    assert "(an access token)" in log()
    assert token not in log()


def everything_asked(ask: Ask) -> list[Answered]:
    return [ask(path, body) for path, body in QUESTIONS.values()] + [
        ask("models/calculate", {"model_uri": PUBLIC}),
        ask("models/analyze", {"model_uri": PUBLIC}),
        ask("models/compare", {"model_uris": [PUBLIC, GATED]}),
        ask(f"models/{PUBLIC}/config"),
    ]


def break_as_folder(path: Path) -> None:
    path.mkdir()


def break_as_text(path: Path) -> None:
    path.write_text("{ not a store", encoding="utf-8")


def break_as_newer(path: Path) -> None:
    path.write_text('{"_schema": {"1": {"version": 999}}, "user_model_configs": {}, "models": {}}', encoding="utf-8")


def break_as_loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.filterwarnings("ignore::budsim_widgets.store.file.store_file.StoreDamagedWarning")
@pytest.mark.parametrize("break_it", [break_as_folder, break_as_text, break_as_newer, break_as_loop])
def test_a_store_that_cannot_be_used_is_told_of_without_its_path(
    ask: Ask, tmp_path: Path, break_it: Callable[[Path], None]
) -> None:
    break_it(tmp_path / "configs.json")
    for answered in everything_asked(ask):
        assert answered.status in {200, 403, 503}
        assert str(tmp_path) not in answered.text
        assert str(os.path.realpath(tmp_path)) not in answered.text


def test_a_config_that_cannot_be_kept_is_no_fault_of_the_config(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "configs.json").mkdir()
    answered = ask("models/config/submit", {"model_uri": GATED, "config": CONFIG})
    assert (answered.status, answered.json["error_code"], answered.json["success"]) == (503, "STORE", False)


def test_odd_characters_are_answered_as_any_others(ask: Ask) -> None:
    for config in ('{"a": "\\ud800"}', {"hidden_size": "\ud800"}, {"\ud800": 1}, "\ud800", {"model_type": "\x00<b>"}):
        for path, body in (
            ("models/calculate", {"config": config}),
            ("models/config/submit", {"model_uri": GATED, "config": config}),
            ("models/config/submit", {"model_uri": "a/\ud800", "config": config}),
            ("models/analyze", {"model_uri": "a\ud800"}),
        ):
            assert ask(path, body).status == 400


STEERING = "\x1b]0;owned\x07\x9b31m\u202e\u2028"


def test_nothing_that_steers_a_terminal_is_answered_or_logged(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, log: Callable[[], str]
) -> None:
    config = {**CONFIG, "quantization_config": {"quant_method": STEERING, "bits": 4}, STEERING: STEERING}
    for path, body in (
        ("models/calculate", {"config": config}),
        ("models/analyze", {"model_uri": STEERING}),
        ("models/calculate", {"config": {**config, "hidden_size": STEERING}}),
        ("models/config/submit", {"model_uri": f"a/{STEERING}", "config": config}),
    ):
        answered = ask(path, body)
        assert answered.text.isascii()
        assert "\x1b" not in answered.text

    def failing(*_: Any, **__: Any) -> None:
        raise RuntimeError(STEERING)

    monkeypatch.setattr(Actions, "calculate", failing)
    assert ask("models/calculate", {"config": CONFIG}).status == 500
    assert "RuntimeError" in log()
    assert all(character.isprintable() or character == "\n" for character in log())
