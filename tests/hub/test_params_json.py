"""A repository that has only the original weights' params.json: it is read in the config's place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.actions import Actions
from budsim_widgets.errors import HubError, NoConfigError
from budsim_widgets.hub import HubClient, ModelRef
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from hub.repos import MEMBER_TOKEN
from hub.scenario import Drop, Fault, Repo, Status

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

LLAMA_3: dict[str, Any] = {
    "dim": 4096,
    "n_layers": 32,
    "n_heads": 32,
    "n_kv_heads": 8,
    "vocab_size": 128256,
    "ffn_dim_multiplier": 1.3,
    "multiple_of": 1024,
    "norm_eps": 1e-05,
    "rope_theta": 500000.0,
}
LLAMA_2 = {"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "norm_eps": 1e-05, "vocab_size": -1}
REF = ModelRef("example/original")


def original(params: Any, *others: str, name: str = "params.json", **details: Any) -> Repo:
    files = ((name, json.dumps(params).encode()), *((other, b"{}") for other in others))
    return Repo(model_id=REF.model_id, files=files, **details)


@pytest.fixture
def actions(loopback_hub: LoopbackHub, tmp_path: Path) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


@pytest.mark.parametrize("name", ["params.json", "original/params.json"])
def test_a_params_json_stands_in_for_the_config(loopback_hub: LoopbackHub, actions: Actions, name: str) -> None:
    loopback_hub.put(original(LLAMA_3, "consolidated.00.pth", name=name))
    report = actions.calculate(REF.model_id)
    assert (report.num_parameters, report.config_source) == (8_030_261_248, "huggingface")
    assert any(name in note and "no config.json" in note for note in report.notes)
    assert actions.get_config(REF.model_id).source == "catalog"


def test_one_that_lacks_something_says_what_and_asks_for_a_paste(loopback_hub: LoopbackHub, actions: Actions) -> None:
    loopback_hub.put(original(LLAMA_2))
    with pytest.raises(NoConfigError, match=r"has no config\.json.*lacks vocab_size") as caught:
        actions.calculate(REF.model_id)
    assert "32000" in caught.value.next_step
    assert (caught.value.can_paste, caught.value.model_id) == (True, REF.model_id)
    assert actions.submit_config(REF.model_id, json.dumps({**LLAMA_2, "vocab_size": 32000})).success
    assert actions.calculate(REF.model_id).num_parameters == 6_738_415_616


@pytest.mark.parametrize("params", [{"learning_rate": 0.1}, {}, []])
def test_one_of_another_kind_is_no_config(loopback_hub: LoopbackHub, actions: Actions, params: Any) -> None:
    loopback_hub.put(original(params))
    with pytest.raises(NoConfigError, match=r"params\.json can't be used") as caught:
        actions.calculate(REF.model_id)
    assert "aste" in caught.value.next_step


@pytest.mark.parametrize(
    "others", [("adapter_config.json",), ("model_index.json",), ("13B/params.json",)], ids=lambda others: others[0]
)
def test_one_among_others_is_not_guessed_to_be_the_config(loopback_hub: LoopbackHub, others: tuple[str, ...]) -> None:
    loopback_hub.put(original(LLAMA_3, *others))
    with pytest.raises(NoConfigError):
        HubClient(endpoint=loopback_hub.endpoint).fetch_config(REF)


def test_a_gated_one_says_that_it_is_what_can_be_pasted(loopback_hub: LoopbackHub) -> None:
    loopback_hub.put(original(LLAMA_3, gated="manual"))
    with pytest.raises(NoConfigError, match=r"params\.json") as caught:
        HubClient(endpoint=loopback_hub.endpoint).fetch_config(REF)
    assert "Paste its params.json" in caught.value.next_step


def test_a_private_one_is_read_with_the_login(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback_hub.put(original(LLAMA_3))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    found = HubClient(endpoint=loopback_hub.endpoint).fetch_config(REF)
    assert (found.file, json.loads(found.content)) == ("params.json", LLAMA_3)
    assert {request.sender for request in loopback_hub.requests} == {"member"}


@pytest.mark.parametrize("fault", [Status(code=503), Drop()], ids=repr)
def test_where_it_cannot_be_had_the_missing_config_is_what_is_told(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    loopback_hub.put(original(LLAMA_3))
    monkeypatch.setattr(loopback_hub, "fault_of", lambda path: fault if path.endswith("params.json") else None)
    with pytest.raises(HubError) as caught:
        HubClient(endpoint=loopback_hub.endpoint).fetch_config(REF)
    assert type(caught.value) is NoConfigError
