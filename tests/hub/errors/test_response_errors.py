"""Every way in which the Hub refuses, distinguished: class, code, sentence and next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from budsim_widgets import errors
from budsim_widgets.hub import HubClient, parse_model_id
from hub.repos import FINE_GRAINED_TOKEN, MEMBER_TOKEN, NEWCOMER_TOKEN, STALE_TOKEN
from hub.scenario import RateLimit, Repo

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub

GATED = "meta-llama/Llama-3.1-8B"
TOKENS = {"member": MEMBER_TOKEN, "newcomer": NEWCOMER_TOKEN, "fine-grained": FINE_GRAINED_TOKEN, "stale": STALE_TOKEN}


@dataclass(frozen=True)
class Case:
    """A row of the table: what is asked by whom, and what a person should then read."""

    asked: str
    sender: str | None
    error: type[errors.HubError]
    code: str
    status: int | None
    says: str
    next_step: str
    url: str | None = None
    access: str | None = None


CASES = {
    "gated, nobody logged in": Case(
        GATED, None, errors.GatedModelError, "MODEL_GATED", 401, "nobody is logged in", "hf auth login", GATED, "login"
    ),
    "gated, invalid token": Case(
        GATED, "stale", errors.GatedModelError, "MODEL_GATED", 401, "expired or mistyped", "/settings/tokens", GATED,
        "login",
    ),
    "gated, access not asked for": Case(
        GATED, "newcomer", errors.GatedModelError, "MODEL_GATED", 403, "hasn't been granted access", f"/{GATED}", GATED,
        "request",
    ),
    "gated, request pending": Case(
        "meta-llama/Llama-3.1-70B", "member", errors.GatedModelError, "MODEL_GATED", 403, "haven't answered",
        "meanwhile", "meta-llama/Llama-3.1-70B", "pending",
    ),
    "gated, request rejected": Case(
        "google/gemma-3-4b-it", "member", errors.GatedModelError, "MODEL_GATED", 403, "rejected the request",
        "Paste its config.json", "google/gemma-3-4b-it", "rejected",
    ),
    "gated, access reset": Case(
        "mistralai/Mistral-7B-v0.3", "member", errors.GatedModelError, "MODEL_GATED", 403, "reset the access",
        "ask for access again", "mistralai/Mistral-7B-v0.3", "reset",
    ),
    "gated, token without the permission": Case(
        GATED, "fine-grained", errors.TokenError, "TOKEN", 403, "fine-grained", "Tick", "settings/tokens"
    ),
    "region": Case(
        "example/region", None, errors.RegionError, "REGION", 403, "in your region", "Paste", "example/region"
    ),
    "region, with a token": Case(
        "example/region", "member", errors.RegionError, "REGION", 403, "a login doesn't", "Paste"
    ),
    "missing, nobody logged in": Case(
        "example/nothing", None, errors.ModelNotFoundError, "NOT_FOUND", 401,
        "either the id is mistyped, or the model is private", "Check the spelling", "models?search=nothing",
    ),
    "private, nobody logged in": Case(
        "example/private", None, errors.ModelNotFoundError, "NOT_FOUND", 401,
        "either the id is mistyped, or the model is private", "log in with `hf auth login`",
    ),
    "missing, with a token": Case(
        "example/nothing", "member", errors.ModelNotFoundError, "NOT_FOUND", 404, "to the account behind HF_TOKEN",
        "Check the spelling",
    ),
    "private, with a token": Case(
        "example/private", "newcomer", errors.ModelNotFoundError, "NOT_FOUND", 404, "to the account behind HF_TOKEN",
        "an account that may see it",
    ),
    "missing or private, invalid token": Case(
        "example/private", "stale", errors.ModelNotFoundError, "NOT_FOUND", 401,
        "the access token in HF_TOKEN is invalid", "renew the token",
    ),
    "one-part id": Case("lama", None, errors.ModelNotFoundError, "NOT_FOUND", 401, "owner/name", "spelling"),
    "no config.json, params.json": Case(
        "example/original-weights", None, errors.NoConfigError, "NO_CONFIG", 404, "params.json", "converted model"
    ),
    "no config.json, GGUF": Case(
        "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", None, errors.NoConfigError, "NO_CONFIG", 404, "Q4_K_M.gguf",
        "the model that they were made from",
    ),
    "no config.json, adapter": Case(
        "tloen/alpaca-lora-7b", None, errors.NoConfigError, "NO_CONFIG", 404, "an adapter", "base model"
    ),
    "no config.json, diffusers": Case(
        "stable-diffusion-v1-5/stable-diffusion-v1-5", None, errors.NoConfigError, "NO_CONFIG", 404,
        "a diffusers pipeline", "language model",
    ),
    "no config.json, nothing telling": Case(
        "example/only-a-readme", None, errors.NoConfigError, "NO_CONFIG", 404, "no config.json", "paste"
    ),
    "gated, and no config.json": Case(
        "example/gated-gguf", None, errors.NoConfigError, "NO_CONFIG", 404, "model-Q4_K_M.gguf", "made from"
    ),
    "unknown revision": Case(
        "Qwen/Qwen2.5-7B@nope", None, errors.RevisionNotFoundError, "REVISION_NOT_FOUND", 404, "no revision nope",
        "Leave the revision out", "Qwen/Qwen2.5-7B/tree/main",
    ),
    "gated, and unknown revision": Case(
        f"{GATED}@nope", None, errors.RevisionNotFoundError, "REVISION_NOT_FOUND", 404, "no revision nope", "Leave"
    ),
    "disabled": Case(
        "example/disabled", None, errors.ModelDisabledError, "DISABLED", 403, "has disabled", "for the reason",
        "example/disabled",
    ),
    "rate limited": Case(
        "example/rate-limited", None, errors.RateLimitError, "RATE_LIMITED", 429, "37 seconds", "again in 37 seconds"
    ),
    "down": Case("example/down", None, errors.HubUnavailableError, "HUB_UNAVAILABLE", 503, "is down", "Try again"),
    "dropped": Case(
        "example/dropped", None, errors.HubUnavailableError, "HUB_UNAVAILABLE", None, "broke off", "Try again"
    ),
    "portal": Case(
        "example/portal", None, errors.HubUnavailableError, "HUB_UNAVAILABLE", None, "sign-in page", "in a browser"
    ),
    "hanging": Case(
        "example/hanging", None, errors.HubUnavailableError, "HUB_UNAVAILABLE", None,
        "didn't answer within 0.1 seconds", "Try again",
    ),
}  # fmt: skip


def refusal(asked: str) -> errors.HubError:
    client = HubClient(timeout_seconds=0.1 if "hanging" in asked else 10)
    with pytest.raises(errors.HubError) as caught:
        client.fetch_config(parse_model_id(asked))
    return caught.value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_refusal_has_its_own_words(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    if case.sender:
        monkeypatch.setenv("HF_TOKEN", TOKENS[case.sender])
    error = refusal(case.asked)
    assert type(error) is case.error
    assert error.error_code == case.code
    assert error.status_code == case.status
    assert case.says in error.message
    assert case.next_step in error.next_step
    assert error.model_id == case.asked.partition("@")[0]
    assert getattr(error, "access", None) == case.access
    if case.url:
        assert error.url == f"{loopback_hub.endpoint}/{case.url}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_refusal_that_a_paste_solves_offers_it(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    if case.sender:
        monkeypatch.setenv("HF_TOKEN", TOKENS[case.sender])
    error = refusal(case.asked)
    is_another_kind = case.says in {"an adapter", "a diffusers pipeline"}
    assert ("paste" in error.next_step.lower()) == (error.can_paste and not is_another_kind)
    assert loopback_hub.requests


def test_all_refusals_read_differently(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = {}
    for name, case in CASES.items():
        monkeypatch.setenv("HF_TOKEN", TOKENS.get(case.sender or "", ""))
        error = refusal(case.asked)
        sentences[name] = f"{error}".replace(error.model_id or "", "MODEL").replace("example/", "")
    assert loopback_hub.requests
    twins = (
        {"missing, nobody logged in", "private, nobody logged in"},
        {"missing, with a token", "private, with a token"},
    )
    for missing, private in map(sorted, twins):  # the Hub itself doesn't tell these apart
        assert sentences.pop(missing) == sentences[private]
    del sentences["region, with a token"], sentences["gated, and unknown revision"]  # one sentence, by two ways
    assert len(set(sentences.values())) == len(sentences)


def test_a_missing_model_is_never_called_gated(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    for token in ("", *TOKENS.values()):
        monkeypatch.setenv("HF_TOKEN", token)
        assert "gated" not in str(refusal("example/nothing")).lower()
    assert loopback_hub.requests


@pytest.mark.parametrize("model_id", ["acme/preset-7b", "acme/rejected-pending", "acme/region-is-disabled"])
def test_words_in_an_id_are_not_taken_for_the_hubs_sentence(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, model_id: str
) -> None:
    loopback_hub.put(Repo(model_id=model_id, files=(("config.json", b"{}"),), gated="auto"))
    error = refusal(model_id)
    assert isinstance(error, errors.GatedModelError)
    assert error.access == "login"
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    error = refusal(model_id)
    assert isinstance(error, errors.GatedModelError)
    assert error.access == "request"


def test_a_renamed_gated_model_keeps_the_id_that_was_asked_for(loopback_hub: LoopbackHub) -> None:
    """What is pasted is kept under this id, so that the same model finds it again."""
    error = refusal("meta-llama/Meta-Llama-3.1-8B")
    assert isinstance(error, errors.GatedModelError)
    assert error.model_id == "meta-llama/Meta-Llama-3.1-8B"
    assert error.url == f"{loopback_hub.endpoint}/meta-llama/Meta-Llama-3.1-8B"


def test_a_gated_model_that_was_disabled_is_called_disabled(loopback_hub: LoopbackHub) -> None:
    loopback_hub.put(Repo(model_id="acme/gone", files=(("config.json", b"{}"),), gated="auto", is_disabled=True))
    assert isinstance(refusal("acme/gone"), errors.ModelDisabledError)


@pytest.mark.parametrize(("style", "seconds"), [("hub", 12), ("retry-after", 12), ("bare", None)])
def test_a_rate_limit_is_told_at_once_with_the_time_to_wait(
    loopback_hub: LoopbackHub, style: str, seconds: int | None
) -> None:
    loopback_hub.fault = RateLimit(seconds=12, style=style)
    error = refusal("Qwen/Qwen2.5-7B")
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after_seconds == seconds
    assert ("12 seconds" if seconds else "a few minutes") in error.message
    assert len(loopback_hub.requests) == 1
