"""What the Hub gives: configs, public information, and copies in the client's cache."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import huggingface_hub
import huggingface_hub.constants
import pytest

from budsim_widgets.errors import ConfigError, HubOfflineError, HubUnavailableError, ModelIdError, RateLimitError
from budsim_widgets.hub import HubClient, HubConfig, HubInfo, ModelRef, parse_model_id
from hub.repos import GATED_CONFIGS, MEMBER_TOKEN, PARAMETERS, PUBLIC_CONFIGS, STALE_TOKEN
from hub.scenario import Portal, RateLimit, Repo, Status, model

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

QWEN = ModelRef("Qwen/Qwen2.5-7B")


def fetch(asked: str) -> HubConfig:
    return HubClient().fetch_config(parse_model_id(asked))


def test_a_public_config_comes_with_its_commit(loopback_hub: LoopbackHub) -> None:
    config = fetch("Qwen/Qwen2.5-7B")
    assert json.loads(config.content) == PUBLIC_CONFIGS["Qwen/Qwen2.5-7B"]
    assert (config.model_id, len(config.revision), config.notices) == ("Qwen/Qwen2.5-7B", 40, ())
    assert [request.method for request in loopback_hub.requests] == ["GET", "GET"]  # the redirect, and the file


@pytest.mark.parametrize(
    ("asked", "canonical", "notice"),
    [
        ("gpt2", "openai-community/gpt2", "On the Hub, gpt2 is now openai-community/gpt2."),
        ("https://huggingface.co/gpt2", "openai-community/gpt2", "On the Hub, gpt2 is now openai-community/gpt2."),
        ("qwen/QWEN2.5-7b", "Qwen/Qwen2.5-7B", "The Hub writes it Qwen/Qwen2.5-7B."),
    ],
)
def test_other_names_lead_to_the_canonical_id_with_a_notice(
    loopback_hub: LoopbackHub, asked: str, canonical: str, notice: str
) -> None:
    config = fetch(asked)
    assert config.model_id == canonical
    assert config.notices == (notice,)
    assert loopback_hub.requests


@pytest.mark.parametrize("revision", ["refs/pr/1", "feature/long"])
def test_a_revision_is_fetched_as_asked(loopback_hub: LoopbackHub, revision: str) -> None:
    config = HubClient().fetch_config(ModelRef("openai-community/gpt2", revision))
    assert config.revision == HubClient().fetch_config(ModelRef("openai-community/gpt2", config.revision)).revision
    assert loopback_hub.requests


def test_whoever_has_access_to_a_gated_model_gets_its_config(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    assert json.loads(fetch("meta-llama/Llama-3.1-8B").content) == GATED_CONFIGS["meta-llama/Llama-3.1-8B"]
    assert {request.sender for request in loopback_hub.requests} == {"member"}


def test_the_saved_login_is_used_and_named(loopback_hub: LoopbackHub, hub_home: Path) -> None:
    (hub_home / "token").write_text(MEMBER_TOKEN)
    assert fetch("example/private").model_id == "example/private"
    (hub_home / "token").write_text(STALE_TOKEN)
    assert "the saved login" in fetch("Qwen/Qwen2.5-7B").notices[0]
    assert loopback_hub.requests


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None], ids=["no text", "a folder"])
def test_a_saved_login_that_cannot_be_read_is_left_out(
    loopback_hub: LoopbackHub, hub_home: Path, content: bytes | None
) -> None:
    if content is None:
        (hub_home / "token").mkdir()
    else:
        (hub_home / "token").write_bytes(content)
    assert "the saved login can't be used" in fetch("Qwen/Qwen2.5-7B").notices[0]
    assert {request.sender for request in loopback_hub.requests} == {"anonymous"}


def test_a_token_is_read_for_each_question(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    client = HubClient()
    client.fetch_config(QWEN)
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    client.fetch_config(QWEN)
    monkeypatch.delenv("HF_TOKEN")
    client.fetch_config(QWEN)
    assert [request.sender for request in loopback_hub.requests[::2]] == ["anonymous", "member", "anonymous"]


@pytest.mark.parametrize("token", [STALE_TOKEN, "hf_\u00e9", "two words", "bell\x07"], ids=repr)
def test_an_invalid_token_on_a_public_model_is_left_out_with_a_notice(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    config = fetch("Qwen/Qwen2.5-7B")
    assert json.loads(config.content) == PUBLIC_CONFIGS["Qwen/Qwen2.5-7B"]
    assert "The access token in HF_TOKEN can't be used" in config.notices[0]
    assert loopback_hub.requests[-1].sender == "anonymous"


@pytest.mark.parametrize("model_id", PARAMETERS)
def test_public_information_of_gated_and_open_models(loopback_hub: LoopbackHub, model_id: str) -> None:
    info = HubClient().fetch_info(model_id)
    assert info.model_id == model_id
    assert info.num_parameters == PARAMETERS[model_id] == sum(info.parameters_by_dtype.values())
    assert info.gated == ("manual" if model_id in GATED_CONFIGS else False)
    assert "config.json" in info.siblings
    assert not info.disabled
    assert len(loopback_hub.requests) == 1


def test_information_follows_other_names_and_survives_an_invalid_token(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", STALE_TOKEN)
    assert HubClient().fetch_info("gpt2").model_id == "openai-community/gpt2"
    assert loopback_hub.requests


def test_information_about_a_disabled_model_says_so(loopback_hub: LoopbackHub) -> None:
    assert HubClient().fetch_info("example/disabled").disabled
    assert loopback_hub.requests


def test_information_that_is_no_models_is_no_hub(loopback_hub: LoopbackHub) -> None:
    for body in ("<html>", "[]", "{}", '{"id": 7}', "[" * 5_000):
        loopback_hub.fault = Status(code=200, body=body)
        with pytest.raises(HubUnavailableError, match="Something other than a Hub"):
            HubClient().fetch_info("Qwen/Qwen2.5-7B")


def test_odd_fields_in_the_information_are_left_out(loopback_hub: LoopbackHub) -> None:
    odd = {"id": "a/b", "safetensors": {"total": "x", "parameters": {"F32": -1, "BF16": 2}}, "siblings": [1, {}, None]}
    loopback_hub.fault = Status(code=200, body=json.dumps(odd))
    assert HubClient().fetch_info("a/b") == HubInfo("a/b", parameters_by_dtype={"BF16": 2})


def test_what_is_no_id_is_refused_before_any_request(loopback_hub: LoopbackHub) -> None:
    for text in ("datasets/org/name", "https://huggingface.co/docs/hub", "../../etc/passwd", "hf_" + "a" * 34):
        with pytest.raises(ModelIdError):
            HubClient().fetch_info(text)
    assert loopback_hub.requests == ()


def test_a_config_of_more_than_six_mebibytes_is_refused(loopback_hub: LoopbackHub) -> None:
    loopback_hub.put(Repo(model_id="acme/larger", files=(("config.json", b" " * (6 * 2**20 + 1)),)))
    with pytest.raises(ConfigError, match=r"6,144 KiB") as caught:
        fetch("acme/larger")
    assert caught.value.code == "TOO_LARGE"
    assert caught.value.model_id == "acme/larger"
    loopback_hub.put(Repo(model_id="acme/full", files=(("config.json", b" " * 6 * 2**20),)))
    assert len(fetch("acme/full").content) == 6 * 2**20


def test_the_content_is_not_looked_at(loopback_hub: LoopbackHub) -> None:
    assert fetch("example/not-json").content.startswith(b"<!doctype html>")
    assert loopback_hub.requests


def test_many_questions_at_once(loopback_hub: LoopbackHub) -> None:
    client = HubClient()
    for number in range(16):
        loopback_hub.put(model(f"acme/m{number}", {"number": number}))
    with ThreadPoolExecutor(16) as pool:
        configs = list(pool.map(lambda number: client.fetch_config(ModelRef(f"acme/m{number}")), range(16)))
    assert [json.loads(config.content)["number"] for config in configs] == list(range(16))


def cache(home: Path, model_id: str, content: bytes) -> str:
    """Put a config.json where the client's own downloads put it."""
    commit = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    folder = home / "hub" / ("models--" + model_id.replace("/", "--"))
    snapshot = folder / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_bytes(content)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(commit)
    return commit


@pytest.fixture(params=["environment", "client"])
def offline(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "environment":
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    else:
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.mark.usefixtures("offline")
def test_offline_mode_asks_for_the_config_without_a_request(loopback_hub: LoopbackHub) -> None:
    with pytest.raises(HubOfflineError, match="HF_HUB_OFFLINE") as caught:
        HubClient().fetch_config(QWEN)
    assert "Paste" in caught.value.next_step
    with pytest.raises(HubOfflineError):
        HubClient().fetch_info("Qwen/Qwen2.5-7B")
    assert loopback_hub.requests == ()


@pytest.mark.usefixtures("offline")
def test_offline_mode_reads_the_clients_cache_and_leaves_it_alone(loopback_hub: LoopbackHub, hub_home: Path) -> None:
    commit = cache(hub_home, "Qwen/Qwen2.5-7B", b'{"model_type": "qwen2"}')
    before = sorted(hub_home.rglob("*"))
    config = HubClient().fetch_config(QWEN)
    assert (config.revision, config.content) == (commit, b'{"model_type": "qwen2"}')
    assert "Offline mode is on" in config.notices[0]
    assert commit[:7] in config.notices[0]
    assert HubClient().fetch_config(ModelRef("Qwen/Qwen2.5-7B", commit)).content == config.content
    with pytest.raises(HubOfflineError):
        HubClient().fetch_config(ModelRef("Qwen/Qwen2.5-7B", "v2"))
    assert sorted(hub_home.rglob("*")) == before
    assert loopback_hub.requests == ()


@pytest.mark.parametrize("fault", [Status(), Portal(), RateLimit()], ids=repr)
def test_the_cache_stands_in_for_a_hub_that_does_not_answer(
    loopback_hub: LoopbackHub, hub_home: Path, fault: Status
) -> None:
    loopback_hub.fault = fault
    with pytest.raises((HubUnavailableError, RateLimitError)):
        HubClient().fetch_config(QWEN)
    cache(hub_home, "Qwen/Qwen2.5-7B", b"{}")
    config = HubClient().fetch_config(QWEN)
    assert config.content == b"{}"
    assert "cache on this machine" in config.notices[0]


def test_a_running_hub_is_asked_even_if_the_cache_has_a_copy(loopback_hub: LoopbackHub, hub_home: Path) -> None:
    cache(hub_home, "Qwen/Qwen2.5-7B", b"{}")
    assert HubClient().fetch_config(QWEN).content != b"{}"
    assert loopback_hub.requests


def test_nothing_is_written_to_the_clients_home(loopback_hub: LoopbackHub, hub_home: Path) -> None:
    fetch("Qwen/Qwen2.5-7B")
    assert loopback_hub.requests
    assert list(hub_home.rglob("*")) == []


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_time_limit_must_be_one(seconds: float) -> None:
    with pytest.raises(ValueError, match="timeout_seconds"):
        HubClient(timeout_seconds=seconds)


def test_the_endpoint_given_wins_over_the_environment(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert HubClient(endpoint=loopback_hub.endpoint + "/").fetch_info("gpt2").model_id == "openai-community/gpt2"


def test_a_quantization_that_stands_in_a_file_beside_the_config_is_read(loopback_hub: LoopbackHub) -> None:
    found = fetch("example/Qwen2.5-7B-NVFP4")
    quantization = json.loads(found.content)["quantization_config"]
    assert quantization == {"quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["lm_head"]}
    assert any("hf_quant_config.json" in notice for notice in found.notices)
    assert loopback_hub.requests
