"""The client's exceptions, as it raises them over https and from its own downloads, become the same errors."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import huggingface_hub.constants
import pytest
from huggingface_hub import errors as client_errors
from huggingface_hub import hf_hub_download, hf_raise_for_status

from budsim_widgets import errors
from budsim_widgets.hub.errors.translate import translate
from budsim_widgets.hub.transport.request_context import REAL_HUB, RequestContext
from hub.repos import FINE_GRAINED_TOKEN, MEMBER_TOKEN, NEWCOMER_TOKEN, STALE_TOKEN
from hub.scenario import Portal, RateLimit, Status

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub
    from hub.scenario import Fault

HTTPX = sys.modules[client_errors.HTTPError.__module__.partition(".")[0]]  # httpx or httpx2, whichever the client uses
CONTEXT = RequestContext("org/name", None, REAL_HUB, 10)


def raised_over_https(status: int, message: str = "", code: str = "", **headers: str) -> BaseException:
    """What the client makes of an answer of the real Hub."""
    named = {"X-Error-Code": code, "X-Error-Message": message, **headers}
    request = HTTPX.Request("GET", f"{REAL_HUB}/org/name/resolve/main/config.json")
    response = HTTPX.Response(status, headers={k: v for k, v in named.items() if v}, content=b"", request=request)
    with pytest.raises(client_errors.HfHubHTTPError) as caught:
        hf_raise_for_status(response)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "name", "expected"),
    [
        ((401, "Invalid username or password."), "RepositoryNotFoundError", errors.ModelNotFoundError),
        ((404, "Repository not found", "RepoNotFound"), "RepositoryNotFoundError", errors.ModelNotFoundError),
        ((401, "Please log in.", "GatedRepo"), "GatedRepoError", errors.GatedModelError),
        ((403, "you are not in the authorized list", "GatedRepo"), "GatedRepoError", errors.GatedModelError),
        ((401, "Invalid credentials in Authorization header"), "HfHubHTTPError", errors.TokenError),
        ((404, "Entry not found", "EntryNotFound"), "RemoteEntryNotFoundError", errors.NoConfigError),
        ((404, "Invalid rev id: x", "RevisionNotFound"), "RevisionNotFoundError", errors.RevisionNotFoundError),
        ((403, "Access to this resource is disabled."), "DisabledRepoError", errors.ModelDisabledError),
        ((403, "This model is not available in your region."), "HfHubHTTPError", errors.RegionError),
        ((403, "You have no right to see this."), "HfHubHTTPError", errors.HubError),
        ((429, "too many"), "HfHubHTTPError", errors.RateLimitError),
        ((503, ""), "HfHubHTTPError", errors.HubUnavailableError),
    ],
)
def test_answers_of_the_real_hub(answer: tuple[Any, ...], name: str, expected: type[errors.HubError]) -> None:
    """Over https a 401 without a code has a class of its own, over http it hasn't: both end up the same."""
    error = raised_over_https(*answer)
    assert type(error).__name__ == name
    assert type(translate(error, CONTEXT)) is expected


def test_gated_is_looked_for_before_missing() -> None:
    """GatedRepoError is a RepositoryNotFoundError: in the other order every gated model would be called missing."""
    assert issubclass(client_errors.GatedRepoError, client_errors.RepositoryNotFoundError)
    error = translate(raised_over_https(401, "Please log in.", "GatedRepo"), CONTEXT)
    assert isinstance(error, errors.GatedModelError)


def test_sentences_name_the_real_hub_and_its_pages() -> None:
    error = translate(raised_over_https(401, "Please log in.", "GatedRepo"), CONTEXT)
    assert error is not None
    assert error.url == "https://huggingface.co/org/name"
    error = translate(raised_over_https(502), CONTEXT)
    assert error is not None
    assert error.message.startswith("The Hugging Face Hub is down")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit": '"api";r=0;t=55'}, 55),
        ({"RateLimit": '"pages"; r = 0; t = 7'}, 7),
        ({"RateLimit": '"api";r=3;t=55'}, None),  # not the limit that was met
        ({"RateLimit": '"api";r=3;t=55', "Retry-After": "9"}, 9),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"Retry-After": "9" * 50}, None),
        ({}, None),
    ],
    ids=str,
)
def test_when_to_come_back(headers: dict[str, str], seconds: int | None) -> None:
    error = translate(raised_over_https(429, **headers), CONTEXT)
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("name", "message", "words"),
    [
        ("ConnectError", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "isn't trusted here"),
        ("ConnectError", "[Errno 101] Network is unreachable", "there is no network"),
        ("ConnectError", "[Errno 111] Connection refused", "takes the connection"),
        ("ConnectTimeout", "timed out", "didn't answer within 10 seconds"),
        ("ReadTimeout", "timed out", "didn't answer within 10 seconds"),
        ("PoolTimeout", "timed out", "didn't answer within 10 seconds"),
        ("ProxyError", "407 Proxy Authentication Required", "The proxy on the way"),
        ("ReadError", "[Errno 104] Connection reset by peer", "broke off"),
        ("RemoteProtocolError", "Server disconnected", "broke off"),
        ("TooManyRedirects", "Exceeded maximum allowed redirects", "Something other than a Hub"),
        ("DecodingError", "Error -3 while decompressing data", "Something other than a Hub"),
        ("UnsupportedProtocol", "no protocol", "isn't one that can be opened"),
        ("InvalidURL", "no URL", "isn't one that can be opened"),
    ],
)
def test_failures_of_the_http_library(name: str, message: str, words: str) -> None:
    error = translate(getattr(HTTPX, name)(message), CONTEXT)
    assert isinstance(error, errors.HubUnavailableError)
    assert words in error.message


def test_what_is_not_the_clients_is_not_translated() -> None:
    assert translate(ZeroDivisionError(), CONTEXT) is None
    assert translate(ValueError("x"), CONTEXT) is None


DOWNLOADS = {
    "gated": ("meta-llama/Llama-3.1-8B", NEWCOMER_TOKEN, None, errors.GatedModelError),
    "permission": ("meta-llama/Llama-3.1-8B", FINE_GRAINED_TOKEN, None, errors.TokenError),
    "region": ("example/region", None, None, errors.RegionError),
    "disabled": ("example/disabled", None, None, errors.ModelDisabledError),
    "missing": ("example/nothing", MEMBER_TOKEN, None, errors.ModelNotFoundError),
    "missing, nobody logged in": ("example/nothing", None, None, errors.ModelNotFoundError),
    "invalid token": ("Qwen/Qwen2.5-7B", STALE_TOKEN, None, errors.TokenError),
    "no config.json": ("tloen/alpaca-lora-7b", None, None, errors.NoConfigError),
    "rate limited": ("Qwen/Qwen2.5-7B", None, RateLimit(), errors.RateLimitError),
    "down": ("Qwen/Qwen2.5-7B", None, Status(), errors.HubUnavailableError),
    "portal": ("Qwen/Qwen2.5-7B", None, Portal(), errors.HubUnavailableError),
}


@pytest.mark.parametrize(("model_id", "token", "fault", "expected"), DOWNLOADS.values(), ids=DOWNLOADS)
def test_what_the_clients_own_download_raises(  # noqa: PLR0913, PLR0917 - the columns of the table
    loopback_hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
    model_id: str,
    token: str | None,
    fault: Fault | None,
    expected: type[errors.HubError],
) -> None:
    """It wraps some of them in a LocalEntryNotFoundError, which is no error of HTTP: its cause says what happened."""
    loopback_hub.fault = fault
    monkeypatch.setattr(time, "sleep", lambda _: None)  # it waits between its retries
    with pytest.raises(OSError) as caught:  # noqa: PT011 - their only common base
        hf_hub_download(model_id, "config.json", endpoint=loopback_hub.endpoint, token=token or False)
    assert type(translate(caught.value, CONTEXT)) is expected


def test_what_the_clients_own_download_raises_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(client_errors.LocalEntryNotFoundError) as caught:
        hf_hub_download("org/name", "config.json")
    assert isinstance(translate(caught.value, CONTEXT), errors.HubOfflineError)
