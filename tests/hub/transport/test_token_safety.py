"""A token goes to the Hub that it belongs to, and nowhere else: no message, log, attribute or traceback holds it."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING

import huggingface_hub.constants
import pytest

from budsim_widgets.errors import BudsimError
from budsim_widgets.hub import HubClient, parse_model_id
from hub.loopback import LoopbackHub
from hub.repos import ACCOUNTS, CATALOGUE, FINE_GRAINED_TOKEN, MEMBER_TOKEN, NEWCOMER_TOKEN, STALE_TOKEN
from hub.scenario import Status

if TYPE_CHECKING:
    from pathlib import Path

ASKED = [repo.model_id for repo in CATALOGUE] + ["example/nothing", "gpt2", "gpt2@nope"]
SLOW = ("example/hanging", "example/slow")
TOKENS = [
    MEMBER_TOKEN,
    NEWCOMER_TOKEN,
    FINE_GRAINED_TOKEN,
    STALE_TOKEN,
    "hf_odd\u00e9" + "o" * 20,
    "hf_odd\x07" + "o" * 20,
]


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(huggingface_hub.constants, "HF_DEBUG", True)
    client_log = logging.getLogger("huggingface_hub")
    for name in (None, "huggingface_hub", "httpx", "httpx2", "httpcore", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger=name)
    monkeypatch.setattr(client_log, "propagate", True)
    return caplog


def everything_said(client: HubClient, asked: str) -> str:
    """Whatever an answer or an error shows of itself, with the local variables of every frame on its way."""
    try:
        return repr(client.fetch_config(parse_model_id(asked)))
    except BudsimError as error:
        shown = [
            repr(error.__context__),
            repr(error.__cause__),
            repr(error),
            str(error),
            repr(error.args),
            repr(vars(error)),
            repr(error.to_dict()),
        ]
        frames = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
        return "".join([*shown, *frames.format()]) + repr(vars(client))


@pytest.mark.parametrize("token", TOKENS, ids=["member", "newcomer", "fine-grained", "stale", "accent", "control"])
def test_no_answer_error_or_log_holds_the_token(
    loopback_hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
    token: str,
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    patient, hurried = HubClient(), HubClient(timeout_seconds=0.1)
    said = "".join(everything_said(hurried if asked in SLOW else patient, asked) for asked in ASKED)
    assert "is gated" in said
    secret = token[-20:]
    assert secret not in said
    assert everything_logged.text
    assert secret not in everything_logged.text
    assert secret not in repr(loopback_hub.requests)


def test_a_server_that_repeats_the_token_is_not_repeated(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    for code in (400, 403, 418):
        loopback_hub.fault = Status(code=code, headers=(("X-Error-Message", f"bad header: Bearer {MEMBER_TOKEN}"),))
        said = everything_said(HubClient(), "gpt2")
        assert "bad header: Bearer …" in said
        assert MEMBER_TOKEN not in said


def test_the_token_does_not_follow_a_redirect_to_another_host(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    with LoopbackHub(accounts=ACCOUNTS) as elsewhere:
        target = f"{elsewhere.endpoint}/api/resolve-cache/models/Qwen/Qwen2.5-7B"
        commit = HubClient().fetch_config(parse_model_id("Qwen/Qwen2.5-7B")).revision
        loopback_hub.fault = Status(code=302, headers=(("Location", f"{target}/{commit}/config.json"),))
        assert HubClient().fetch_config(parse_model_id("Qwen/Qwen2.5-7B")).content
        assert [request.sender for request in elsewhere.requests] == ["anonymous"]
    assert loopback_hub.requests[-1].sender == "member"


def test_errors_and_answers_can_be_copied_without_the_token(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    config = HubClient().fetch_config(parse_model_id("Qwen/Qwen2.5-7B"))
    assert MEMBER_TOKEN.encode() not in pickle.dumps(config)
    assert loopback_hub.requests[-1].sender == "member"


def test_no_token_is_written_anywhere(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, hub_home: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    HubClient().fetch_config(parse_model_id("Qwen/Qwen2.5-7B"))
    assert loopback_hub.requests
    assert [path for path in hub_home.rglob("*") if path.is_file()] == []
