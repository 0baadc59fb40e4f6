"""The loopback Hub against the real client: what the client raises is what the real Hub makes it raise."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from huggingface_hub import HfApi, HfFileMetadata, errors, get_hf_file_metadata, hf_hub_url

from hub.repos import FINE_GRAINED_TOKEN, GATED_CONFIGS, MEMBER_TOKEN, NEWCOMER_TOKEN, PARAMETERS, STALE_TOKEN
from hub.scenario import RateLimit, Status

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub


def probe(
    hub: LoopbackHub, model_id: str, *, token: str | None = None, revision: str = "main", file: str = "config.json"
) -> HfFileMetadata:
    url = hf_hub_url(model_id, file, revision=revision, endpoint=hub.endpoint)
    return get_hf_file_metadata(url, token=token or False, timeout=60)


def test_a_public_file_is_found_with_its_commit(loopback_hub: LoopbackHub) -> None:
    metadata = probe(loopback_hub, "Qwen/Qwen2.5-7B")
    assert len(metadata.commit_hash) == 40
    assert metadata.etag
    assert metadata.size > 500
    assert "/api/resolve-cache/models/Qwen/Qwen2.5-7B/" in metadata.location


def test_old_names_and_other_letter_cases_redirect(loopback_hub: LoopbackHub) -> None:
    canonical = probe(loopback_hub, "openai-community/gpt2")
    assert probe(loopback_hub, "gpt2") == canonical
    assert probe(loopback_hub, "OpenAI-Community/GPT2") == canonical
    assert HfApi(endpoint=loopback_hub.endpoint).model_info("gpt2").id == "openai-community/gpt2"


REFUSALS = {
    "gated, no token": ("meta-llama/Llama-3.1-8B", None, 401, "GatedRepoError", "Please log in"),
    "gated, garbage token": ("meta-llama/Llama-3.1-8B", STALE_TOKEN, 401, "GatedRepoError", "Please log in"),
    "gated, not asked": ("meta-llama/Llama-3.1-8B", NEWCOMER_TOKEN, 403, "GatedRepoError", "authorized list"),
    "gated, pending": ("meta-llama/Llama-3.1-70B", MEMBER_TOKEN, 403, "GatedRepoError", "awaiting a review"),
    "gated, rejected": ("google/gemma-3-4b-it", MEMBER_TOKEN, 403, "GatedRepoError", "rejected"),
    "gated, reset": ("mistralai/Mistral-7B-v0.3", MEMBER_TOKEN, 403, "GatedRepoError", "reset"),
    "permission": ("meta-llama/Llama-3.1-8B", FINE_GRAINED_TOKEN, 403, "HfHubHTTPError", "fine-grained"),
    "region": ("example/region", None, 403, "HfHubHTTPError", "not available in your region"),
    # bare 401s become RepositoryNotFoundError over https only: the client's pattern asks for that scheme
    "missing, no token": ("example/nothing", None, 401, "HfHubHTTPError", "Invalid username or password"),
    "private, no token": ("example/private", None, 401, "HfHubHTTPError", "Invalid username or password"),
    "missing, token": ("example/nothing", MEMBER_TOKEN, 404, "RepositoryNotFoundError", "Repository not found"),
    "private, token": ("example/private", NEWCOMER_TOKEN, 404, "RepositoryNotFoundError", "Repository not found"),
    "stale token, public": ("Qwen/Qwen2.5-7B", STALE_TOKEN, 401, "HfHubHTTPError", "Invalid credentials"),
    "no config.json": ("tloen/alpaca-lora-7b", None, 404, "RemoteEntryNotFoundError", "Entry not found"),
    "disabled": ("example/disabled", None, 403, "DisabledRepoError", "disabled"),
    "down": ("example/down", None, 503, "HfHubHTTPError", "503"),
    "rate limited": ("example/rate-limited", None, 429, "HfHubHTTPError", "429"),
}


@pytest.mark.parametrize(("model_id", "token", "status", "error", "words"), REFUSALS.values(), ids=REFUSALS)
def test_refusals_raise_what_the_real_hub_makes_the_client_raise(  # noqa: PLR0913, PLR0917 - the columns of the table
    loopback_hub: LoopbackHub, model_id: str, token: str | None, status: int, error: str, words: str
) -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        probe(loopback_hub, model_id, token=token)
    assert words in f"{caught.value.server_message} {caught.value}"
    assert type(caught.value).__name__ == error
    assert caught.value.response.status_code == status


def test_an_unknown_revision_is_told_apart_from_a_missing_file(loopback_hub: LoopbackHub) -> None:
    with pytest.raises(errors.RevisionNotFoundError):
        probe(loopback_hub, "Qwen/Qwen2.5-7B", revision="nope")
    with pytest.raises(errors.RemoteEntryNotFoundError) as caught:
        probe(loopback_hub, "Qwen/Qwen2.5-7B", file="nope.json")
    assert caught.value.response.headers["X-Repo-Commit"]


@pytest.mark.parametrize("revision", ["feature/long", "refs/pr/1"])
def test_revisions_with_slashes_are_found(loopback_hub: LoopbackHub, revision: str) -> None:
    assert probe(loopback_hub, "openai-community/gpt2", revision=revision).commit_hash


@pytest.mark.parametrize("model_id", GATED_CONFIGS)
def test_information_about_gated_models_is_public(loopback_hub: LoopbackHub, model_id: str) -> None:
    info = HfApi(endpoint=loopback_hub.endpoint).model_info(model_id, token=False, timeout=60)
    assert info.gated == "manual"
    assert info.safetensors.total == PARAMETERS[model_id]
    assert "config.json" in {sibling.rfilename for sibling in info.siblings}


def test_whoever_was_granted_access_reads_the_gated_file(loopback_hub: LoopbackHub) -> None:
    assert probe(loopback_hub, "meta-llama/Llama-3.1-8B", token=MEMBER_TOKEN).commit_hash
    assert probe(loopback_hub, "example/private", token=MEMBER_TOKEN).commit_hash


def test_the_log_names_senders_and_never_their_tokens(loopback_hub: LoopbackHub) -> None:
    probe(loopback_hub, "Qwen/Qwen2.5-7B", token=MEMBER_TOKEN)
    assert [(request.method, request.sender, request.status) for request in loopback_hub.requests] == [
        ("HEAD", "member", 307),
        ("HEAD", "member", 200),
    ]
    assert loopback_hub.requests_for("Qwen/Qwen2.5-7B") == loopback_hub.requests
    assert MEMBER_TOKEN not in repr(loopback_hub.requests)
    loopback_hub.reset()
    assert loopback_hub.requests == ()


def test_a_fault_can_be_played_and_taken_back(loopback_hub: LoopbackHub) -> None:
    for fault, status in ((Status(code=502), 502), (RateLimit(style="retry-after"), 429)):
        loopback_hub.fault = fault
        with pytest.raises(errors.HfHubHTTPError) as caught:
            probe(loopback_hub, "Qwen/Qwen2.5-7B")
        assert caught.value.response.status_code == status
    loopback_hub.reset()
    assert probe(loopback_hub, "Qwen/Qwen2.5-7B")


def test_it_runs_as_a_script_for_other_processes() -> None:
    script = Path(__file__).with_name("loopback.py")
    with subprocess.Popen([sys.executable, script, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        endpoint = process.stdout.readline().strip()
        assert probe_path(f"{endpoint}/api/models/gpt2")["id"] == "openai-community/gpt2"
        assert [entry["path"] for entry in probe_path(f"{endpoint}/_loopback/requests")] == [
            "/api/models/gpt2",
            "/api/models/openai-community/gpt2",
        ]
        process.terminate()


def probe_path(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - an address of this machine
        return json.load(answer)
