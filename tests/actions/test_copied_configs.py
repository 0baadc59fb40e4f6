"""A config that was taken from another model says so wherever it is shown, and never that it was pasted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B
from hub.scenario import Repo

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.panel.saved.texts import source_of
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

GATED, COPY = "meta-llama/Llama-3.1-8B", "example/llama-copy"
CONFIG = {**LLAMA_3_1_8B, "unsloth_fixed": True}


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    loopback_hub.put(Repo(model_id=COPY, base_model=GATED, files=(("config.json", json.dumps(CONFIG).encode()),)))
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


def test_the_config_names_the_model_that_it_was_copied_from(actions: Actions) -> None:
    response = actions.use_base_config(GATED, COPY)
    assert response.details["copied_from"] == COPY
    resolved = actions.get_config(GATED)
    assert (resolved.source, resolved.copied_from, resolved.is_verified) == ("copy", COPY, True)
    assert actions.calculate(GATED).config_source == "copy"
    (saved,) = actions.saved.list()
    assert (saved.copied_from, saved.contributor) == (COPY, None)
    assert source_of(saved) == f"copied from {COPY}"


def test_a_paste_is_no_copy_and_neither_is_one_that_follows_a_copy(actions: Actions) -> None:
    actions.use_base_config(GATED, COPY)
    actions.submit_config(GATED, LLAMA_3_1_8B)
    assert (actions.get_config(GATED).source, actions.get_config(GATED).copied_from) == ("user_provided", None)
    actions.saved.restore(GATED, 1)
    assert actions.get_config(GATED).copied_from == COPY


def test_an_export_carries_it_and_the_import_says_both(actions: Actions, tmp_path: Path) -> None:
    actions.use_base_config(GATED, COPY)
    actions.saved.export_file(tmp_path / "team.json")
    elsewhere = Actions(Resolver(ConfigStore(tmp_path / "other.json"), actions.resolver.hub))
    elsewhere.saved.import_file(tmp_path / "team.json")
    (saved,) = elsewhere.saved.list()
    assert source_of(saved) == f"imported from team.json, copied from {COPY}"


@pytest.mark.parametrize("claimed", ["<b>x</b>", "a/b/c", "x" * 500, "two words", ""])
def test_an_import_that_names_no_model_there_names_none(actions: Actions, tmp_path: Path, claimed: str) -> None:
    actions.use_base_config(GATED, COPY)
    path = tmp_path / "team.json"
    actions.saved.export_file(path)
    assert json.dumps(COPY) in path.read_text()
    path.write_text(path.read_text().replace(json.dumps(COPY), json.dumps(claimed)))
    elsewhere = Actions(Resolver(ConfigStore(tmp_path / "other.json"), actions.resolver.hub))
    elsewhere.saved.import_file(path)
    assert elsewhere.saved.list()[0].copied_from is None


def test_a_store_of_before_is_read_and_a_wrong_type_set_aside(actions: Actions) -> None:
    store = actions.resolver.store
    store.put(GATED, LLAMA_3_1_8B)
    text = store.path.read_text()
    assert "copied_from" not in text, "a pasted config is kept as it was before there were copies"
    assert store.get(GATED) is not None
    store.path.write_text(text.replace('"contributor":', '"copied_from": 3, "contributor":', 1))
    with pytest.warns(UserWarning, match="copied_from"):
        assert ConfigStore(store.path).get(GATED) is None
