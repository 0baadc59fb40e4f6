"""Repositories that hold nothing but GGUF files: what they have, and the model that they were made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from budsim_widgets.actions import Actions
from budsim_widgets.errors import GatedModelError, NoConfigError
from budsim_widgets.hub import HubClient
from budsim_widgets.hub.gguf_repos import listed_gguf
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from hub.repos import MEMBER_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


GGUF = "example/many-gguf"
OF_GATED = "example/gguf-of-gated"


def refused(actions: Actions, model: str) -> NoConfigError:
    with pytest.raises(NoConfigError) as found:
        actions.calculate(model)
    return found.value


def test_the_files_are_listed_with_their_sizes_parts_added_up_and_projectors_apart(
    loopback_hub: LoopbackHub, actions: Actions
) -> None:
    error = refused(actions, GGUF)
    assert [(file.label, file.num_bytes, file.is_projector) for file in error.gguf_files] == [
        ("BF16", 15_237_853_312, False),
        ("Q4_K_M", 4_683_073_536, False),
        ("UD-Q2_K_XL", 3_300_000_000, False),
        ("F16", 1_354_163_040, True),
    ]
    assert error.base_model == "Qwen/Qwen2.5-7B"
    assert "4.36 GiB" in error.message
    assert "Qwen/Qwen2.5-7B" in error.message
    assert "bw.use_base_config" in error.next_step
    assert len(loopback_hub.requests_for(GGUF)) == 2


def test_the_config_of_the_base_model_is_taken_when_it_is_asked_for(actions: Actions) -> None:
    refused(actions, GGUF)
    assert actions.use_base_config(GGUF).success
    report = actions.calculate(GGUF, engine="llama.cpp", precision="Q4_K_M")
    assert report.num_parameters == actions.calculate("Qwen/Qwen2.5-7B").num_parameters
    assert abs(report.file_bytes - 4_683_073_536) < 10_000_000  # with its tokenizer
    assert report.model_id == GGUF


def test_a_gated_base_model_is_asked_for_at_its_gate(actions: Actions, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GatedModelError):
        actions.use_base_config(OF_GATED)
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    assert actions.use_base_config(OF_GATED).success


def test_a_repository_that_names_no_model_says_so(actions: Actions) -> None:
    with pytest.raises(NoConfigError):
        actions.use_base_config("bartowski/Meta-Llama-3.1-8B-Instruct-GGUF")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", "Q4_K_M"),
        ("model.IQ4_XS.gguf", "IQ4_XS"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("UD-Q4_K_XL/DeepSeek-V3-UD-Q4_K_XL-00001-of-00008.gguf", "UD-Q4_K_XL"),
        ("Llama-3.2-1B-Instruct-Q6_K_L.gguf", "Q6_K_L"),
        ("Q8_0/model-00001-of-00002.gguf", "Q8_0"),
        ("tinyllama-1.1b.gguf", ""),
        ("Qwen-Q4B.gguf", ""),
    ],
)
def test_labels_are_read_off_names(name: str, label: str) -> None:
    (file,) = listed_gguf((name,), {})
    assert (file.label, file.num_bytes) == (label, None)
