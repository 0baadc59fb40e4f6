"""Which account and token are in use: one bounded question, remembered, and nothing of the token anywhere."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import huggingface_hub.constants as hub_constants
import huggingface_hub.errors
import pytest

from budsim_widgets.errors import HubError, HubOfflineError, HubUnavailableError, RateLimitError
from budsim_widgets.hub import HubAccount, HubClient
from budsim_widgets.hub.account import read_account
from hub.repos import FINE_GRAINED_TOKEN, MEMBER_TOKEN, STALE_TOKEN
from hub.scenario import Hang, Portal, RateLimit, Status

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub
    from hub.scenario import Fault

TOKEN = HubAccount(name=None, source="HF_TOKEN", tokens_page="https://huggingface.co/settings/tokens")


@pytest.fixture
def client(loopback_hub: LoopbackHub) -> HubClient:
    return HubClient(endpoint=loopback_hub.endpoint)


def asked(hub: LoopbackHub) -> int:
    return sum(one.path == "/api/whoami-v2" for one in hub.requests)


def test_without_a_token_nobody_is_asked(loopback_hub: LoopbackHub, client: HubClient) -> None:
    assert client.fetch_account() is None
    assert loopback_hub.requests == ()


@pytest.mark.parametrize(
    ("token", "name", "role", "can_read_gated"),
    [(MEMBER_TOKEN, "member", "read", None), (FINE_GRAINED_TOKEN, "fine-grained", "fineGrained", False)],
)
def test_the_account_and_the_rights_of_its_token(  # noqa: PLR0913 - a row of the table
    client: HubClient, monkeypatch: pytest.MonkeyPatch, *, token: str, name: str, role: str, can_read_gated: bool | None
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    found = client.fetch_account()
    assert found is not None
    assert (found.name, found.role, found.can_read_gated) == (name, role, can_read_gated)
    assert found.is_fine is (can_read_gated is not False)
    assert (found.source, found.tokens_page) == ("HF_TOKEN", f"{client.endpoint}/settings/tokens")


@pytest.mark.parametrize("token", [STALE_TOKEN, "hf_\N{FULLWIDTH LATIN SMALL LETTER A}", "hf_ a b"])
def test_a_token_that_nobody_has_is_no_error_but_an_answer(
    client: HubClient, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    found = client.fetch_account()
    assert found is not None
    assert (found.name, found.is_fine) == (None, False)


def test_the_saved_login_and_what_goes_before_it(
    client: HubClient, hub_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hub_home / "token").write_text(FINE_GRAINED_TOKEN)
    found = client.fetch_account()
    assert found is not None
    assert (found.name, found.source, found.hides_saved_login) == ("fine-grained", "the saved login", False)
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    found = client.fetch_account()
    assert found is not None
    assert (found.name, found.source, found.hides_saved_login) == ("member", "HF_TOKEN", True)


def test_the_answer_is_remembered_for_its_token_alone(
    loopback_hub: LoopbackHub, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token in (MEMBER_TOKEN, MEMBER_TOKEN, FINE_GRAINED_TOKEN, FINE_GRAINED_TOKEN, MEMBER_TOKEN):
        monkeypatch.setenv("HF_TOKEN", token)
        client.fetch_account()
    assert asked(loopback_hub) == 2


def test_only_what_may_be_fixed_by_now_is_asked_anew(
    loopback_hub: LoopbackHub, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token, questions in ((MEMBER_TOKEN, 1), (FINE_GRAINED_TOKEN, 3), (STALE_TOKEN, 5)):
        monkeypatch.setenv("HF_TOKEN", token)
        client.fetch_account()
        client.fetch_account(anew=True)
        assert asked(loopback_hub) == questions


@pytest.mark.parametrize("token", [MEMBER_TOKEN, STALE_TOKEN])
def test_neither_the_answer_nor_what_is_remembered_holds_the_token(
    client: HubClient, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    found = client.fetch_account()
    kept = pickle.dumps((found, vars(client._accounts)))
    assert token.encode() not in kept
    assert b"@example.org" not in kept


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Status(code=503), HubUnavailableError),
        (Portal(), HubUnavailableError),
        (RateLimit(), RateLimitError),
        (Hang(), HubUnavailableError),
    ],
)
def test_a_hub_that_fails_is_an_error_and_asked_again_the_next_time(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, *, fault: Fault, kind: type[HubError]
) -> None:
    client = HubClient(endpoint=loopback_hub.endpoint, timeout_seconds=0.5)
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    loopback_hub.fault = fault
    with pytest.raises(kind) as caught:
        client.fetch_account()
    assert MEMBER_TOKEN not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
    loopback_hub.fault = None
    assert client.fetch_account() is not None


def test_offline_nobody_is_asked(loopback_hub: LoopbackHub, client: HubClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    with pytest.raises(HubOfflineError):
        client.fetch_account()
    assert loopback_hub.requests == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"name": 3}', b'{"name": "<b>x</b>"}', b'{"name": ""}', b"[" * 99_999],
)
def test_what_names_no_account_is_none(body: bytes) -> None:
    assert read_account(body, TOKEN) is None


@pytest.mark.parametrize("auth", [b"3", b"[]", b'{"accessToken": []}', b'{"accessToken": {"role": {"a": 1}}}'])
def test_rights_that_are_not_told_are_unknown(auth: bytes) -> None:
    found = read_account(b'{"name": "jane", "auth": ' + auth + b"}", TOKEN)
    assert found is not None
    assert (found.role, found.can_read_gated, found.is_fine) == (None, None, True)


def test_the_fake_answers_as_the_client_expects(loopback_hub: LoopbackHub) -> None:
    from huggingface_hub import HfApi  # noqa: PLC0415 - takes 0.4 s

    told = HfApi(endpoint=loopback_hub.endpoint).whoami(FINE_GRAINED_TOKEN)
    assert (told["name"], told["auth"]["accessToken"]["role"]) == ("fine-grained", "fineGrained")
    with pytest.raises(huggingface_hub.errors.HfHubHTTPError, match="Invalid user token"):
        HfApi(endpoint=loopback_hub.endpoint).whoami(STALE_TOKEN)
