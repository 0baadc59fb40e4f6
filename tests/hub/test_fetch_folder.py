"""The config of a folder of a model: never the model's own, nor kept in its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from budsim_widgets.actions import Actions
from budsim_widgets.errors import GatedModelError, HubError, HubUnavailableError, ModelIdError, NoConfigError
from budsim_widgets.hub import HubClient
from budsim_widgets.panel import MemoryPanel
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from hub.repos import LLAMA_3_1_8B, QWEN_2_5_0_5B, QWEN_2_5_7B
from hub.scenario import Repo, Status, as_file

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

MODEL = "example/pipeline"
PAGE = f"https://huggingface.co/{MODEL}"
FOLDER = f"{PAGE}/blob/main/text_encoder/config.json"
NAME = f"hf://{MODEL}/text_encoder"
FILES = (
    ("config.json", as_file(QWEN_2_5_7B)),
    ("text_encoder/config.json", as_file(QWEN_2_5_0_5B)),
    ("draft/small/config.json", as_file(LLAMA_3_1_8B)),
)
SMALL, LARGE = 494_032_768, 7_615_616_512


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    loopback_hub.put(Repo(model_id=MODEL, files=FILES, branches=("main", "v2")))
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


@pytest.mark.parametrize(
    "text",
    [
        FOLDER,
        f"{PAGE}/tree/main/text_encoder",
        f"{PAGE}/resolve/main/text_encoder/config.json?download=true",
        NAME,
        f"hf://{MODEL}@v2/text_encoder/config.json",
    ],
)
def test_the_config_is_that_of_the_folder(actions: Actions, loopback_hub: LoopbackHub, text: str) -> None:
    report = actions.calculate(text)
    assert (report.num_parameters, report.model_id) == (SMALL, NAME)
    asked = [one.path for one in loopback_hub.requests if "/resolve/" in one.path]
    revision = "v2" if "@v2" in text else "main"
    assert asked == [f"/{MODEL}/resolve/{revision}/text_encoder/config.json"]
    assert len(actions.get_config(text).revision or "") == 40


def test_the_model_and_its_folder_are_never_taken_for_each_other(actions: Actions) -> None:
    for text, parameters in (
        (FOLDER, SMALL),
        (MODEL, LARGE),
        (NAME, SMALL),
        (MODEL, LARGE),
        (f"{PAGE}/tree/main", LARGE),
    ):
        assert actions.calculate(text).num_parameters == parameters
    assert actions.get_config(MODEL).source == "catalog"
    assert actions.get_config(FOLDER).source == "huggingface"


def test_a_paste_for_the_model_does_not_stand_for_its_folder(actions: Actions) -> None:
    actions.submit_config(MODEL, json.dumps(LLAMA_3_1_8B))
    assert actions.calculate(MODEL).num_parameters == 8_030_261_248
    assert actions.calculate(FOLDER).num_parameters == SMALL


def test_nothing_is_kept_for_a_folder(actions: Actions) -> None:
    refused = actions.submit_config(FOLDER, json.dumps(QWEN_2_5_0_5B))
    assert not refused.success
    assert "a config is kept for a whole model alone" in refused.message
    with pytest.raises(ModelIdError):
        actions.check_config(FOLDER)
    assert actions.saved.list() == ()


def test_a_folder_without_a_config_is_said_with_those_that_have_one(actions: Actions) -> None:
    with pytest.raises(NoConfigError) as caught:
        actions.calculate(f"{PAGE}/tree/main/vae")
    assert caught.value.message == f"{MODEL} has no vae/config.json."
    assert "text_encoder/config.json" in caught.value.next_step
    assert not caught.value.can_paste


def test_of_a_gated_model_no_paste_is_asked_for_that_would_stand_for_all_of_it(
    actions: Actions, loopback_hub: LoopbackHub
) -> None:
    loopback_hub.put(Repo(model_id=MODEL, files=FILES, gated="manual"))
    with pytest.raises(GatedModelError) as caught:
        actions.calculate(FOLDER)
    assert not caught.value.can_paste
    assert "Paste" not in caught.value.next_step
    assert "as a dict or a file" in caught.value.next_step
    assert not actions.validate(FOLDER).requires_config
    with pytest.raises(NoConfigError):
        actions.calculate(f"{PAGE}/tree/main/vae")


def test_without_the_hub_no_paste_is_asked_for_either(actions: Actions, loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Status(code=503)
    with pytest.raises(HubUnavailableError) as caught:
        actions.calculate(FOLDER)
    assert not caught.value.can_paste
    assert "paste" not in caught.value.next_step.lower()


def test_no_command_serves_a_folder_in_the_name_of_its_model(actions: Actions) -> None:
    command = actions.fitting.fit(FOLDER, "RTX 4090", engine="vllm").launch_command
    assert command is not None
    assert MODEL not in command


def test_a_panel_calculates_a_folder_and_opens_no_paste_box(actions: Actions, loopback_hub: LoopbackHub) -> None:
    panel = MemoryPanel(FOLDER, actions=actions)
    panel.calculate_button.click()
    assert panel.result.num_parameters == SMALL
    loopback_hub.put(Repo(model_id=MODEL, files=FILES, gated="manual"))
    panel.calculate_button.click()
    assert isinstance(panel.error, HubError)
    assert not panel.prompt.visible
    assert MemoryPanel.from_link(panel.to_query()).model_input.value == FOLDER
