"""Kept configs as actions: listed, looked back at, compared, restored, forgotten, carried from place to place."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hub.repos import GEMMA_3_4B_IT, LLAMA_3_1_8B, MEMBER_TOKEN, MISTRAL_7B_V0_3

import budsim_widgets as bw
from budsim_widgets.actions import Actions
from budsim_widgets.errors import ConfigError, StoreError
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

LLAMA, MISTRAL = "meta-llama/Llama-3.1-8B", "mistralai/Mistral-7B-v0.3"
HALF = {**LLAMA_3_1_8B, "num_hidden_layers": 16}


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


@pytest.fixture
def elsewhere(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "other.json"), HubClient(endpoint=loopback_hub.endpoint)))


def test_saved_configs_are_listed_by_id_with_what_is_known(actions: Actions) -> None:
    actions.submit_config(MISTRAL, json.dumps(MISTRAL_7B_V0_3))
    actions.submit_config("Google/gemma-3-4b-it", GEMMA_3_4B_IT)
    gemma, mistral = actions.saved.list()
    assert mistral.model_id == MISTRAL
    assert (mistral.num_parameters, mistral.basis, mistral.is_verified) == (7_248_023_552, "exact", True)
    assert (mistral.contributor, mistral.version, mistral.published_parameters) == (None, 1, 7_248_023_552)
    assert gemma.config == GEMMA_3_4B_IT


def test_changing_a_listed_config_changes_nothing_that_is_kept(actions: Actions) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    (saved,) = actions.saved.list()
    saved.config["hidden_size"] = 1
    saved.config["rope_scaling"]["factor"] = 1
    assert actions.saved.list()[0].config == LLAMA_3_1_8B


def test_a_config_that_cannot_be_built_is_listed_without_a_size(actions: Actions) -> None:
    actions.resolver.store.put("a/broken", {"model_type": "llama"})
    (saved,) = actions.saved.list()
    assert (saved.num_parameters, saved.basis) == (None, None)


def test_history_holds_all_versions_the_newest_first(actions: Actions) -> None:
    actions.submit_config(LLAMA, HALF)
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    assert [one.version for one in actions.saved.history(LLAMA.upper())] == [2, 1]
    assert actions.saved.history(MISTRAL) == ()


def test_a_difference_says_what_changed_in_memory_and_in_which_fields(actions: Actions) -> None:
    actions.submit_config(LLAMA, {**HALF, "gone": True})
    actions.submit_config(LLAMA, {**LLAMA_3_1_8B, "rope_scaling": {"factor": 4.0, "rope_type": "llama3"}, "new": [1]})
    told = actions.saved.difference(LLAMA, 1)
    assert {(one.name, one.old, one.new) for one in told.fields} >= {
        ("num_hidden_layers", "16", "32"),
        ("rope_scaling.factor", "8.0", "4.0"),
        ("rope_scaling.low_freq_factor", "1.0", None),
        ("gone", "true", None),
        ("new", None, "[1]"),
    }
    numbers = {one.name: (one.old, one.new) for one in told.memory}
    assert numbers["Parameters"] == (4_540_469_248, 8_030_261_248)
    assert numbers["Weights"] == (2 * 4_540_469_248, 2 * 8_030_261_248)
    assert numbers["KV cache per token"] == (16 * 4096, 32 * 4096)
    text = str(told)
    assert text.startswith(f"{LLAMA}, version 1 → 2: ")
    assert "Parameters" in text
    assert "+3.49B" in text
    assert "num_hidden_layers" in text


def test_a_difference_of_the_same_says_so(actions: Actions) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    told = actions.saved.difference(LLAMA, 1, 1)
    assert told.fields == ()
    assert "no field differs" in str(told)
    assert {one.texts[2] for one in told.memory} == {"same"}


def test_a_difference_in_html_is_escaped_and_bounded(actions: Actions) -> None:
    actions.resolver.store.put(LLAMA, {**LLAMA_3_1_8B, **{f"x{number}": number for number in range(100)}})
    actions.resolver.store.put(LLAMA, {**LLAMA_3_1_8B, "<b>": "<script>" * 100})
    told = actions.saved.difference(LLAMA, 1)
    shown = told._repr_html_()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "more fields" in shown
    assert len(str(told).splitlines()) < 60


def test_a_difference_from_a_config_that_cannot_be_built(actions: Actions) -> None:
    actions.resolver.store.put(LLAMA, {"model_type": "llama"})
    actions.resolver.store.put(LLAMA, LLAMA_3_1_8B)
    assert "can't be built" in str(actions.saved.difference(LLAMA, 1))


@pytest.mark.parametrize(("old", "new"), [(7, None), (1, 7)])
def test_an_unknown_version_is_refused_with_those_that_are_kept(actions: Actions, old: int, new: int | None) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    with pytest.raises(StoreError, match=r"no version 7 .* These are kept: 1"):
        actions.saved.difference(LLAMA, old, new)
    with pytest.raises(StoreError, match="No config is kept"):
        actions.saved.difference(MISTRAL, old, new)


def test_restoring_makes_an_earlier_config_count(actions: Actions) -> None:
    actions.submit_config(LLAMA, HALF)
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    restored = actions.saved.restore(LLAMA, 1)
    assert (restored.version, restored.num_parameters) == (3, 4_540_469_248)
    assert actions.calculate(LLAMA).num_parameters == 4_540_469_248
    with pytest.raises(StoreError, match="no version 9"):
        actions.saved.restore(LLAMA, 9)


def test_what_would_be_refused_today_is_not_restored(actions: Actions) -> None:
    actions.resolver.store.put(LLAMA, {**LLAMA_3_1_8B, "note": MEMBER_TOKEN})
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    with pytest.raises(ConfigError):
        actions.saved.restore(LLAMA, 1)
    assert actions.saved.history(LLAMA)[0].version == 2


def test_forgetting_says_whether_there_was_one(actions: Actions) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    assert actions.saved.forget(LLAMA.lower())
    assert not actions.saved.forget(LLAMA)
    assert actions.saved.list() == ()


def test_an_export_is_imported_with_history_and_from_whom(actions: Actions, elsewhere: Actions, tmp_path: Path) -> None:
    actions.submit_config(LLAMA, HALF)
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    actions.submit_config(MISTRAL, MISTRAL_7B_V0_3)
    path = tmp_path / "team.json"
    assert actions.saved.export_file(path) == 2
    summary = elsewhere.saved.import_file(path)
    assert set(summary.added) == {LLAMA, MISTRAL}
    llama, _ = elsewhere.saved.list()
    assert (llama.contributor, llama.is_verified) == ("imported from team.json", False)
    assert len(elsewhere.saved.history(LLAMA)) == 2
    assert {one.outcome for one in elsewhere.saved.verify()} == {"verified"}


def test_some_models_are_exported(actions: Actions, tmp_path: Path) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    actions.submit_config(MISTRAL, MISTRAL_7B_V0_3)
    assert actions.saved.export_file(tmp_path / "one.json", model_ids=[MISTRAL]) == 1
    records = json.loads((tmp_path / "one.json").read_bytes())["user_model_configs"].values()
    assert [record["model_id"] for record in records] == [MISTRAL]
    with pytest.raises(StoreError):
        actions.saved.export_file(tmp_path / "none.json", model_ids=["no/such-model"])


@pytest.mark.parametrize(
    ("model_id", "reason"),
    [
        ("../../etc/passwd", "id is none"),
        ("<b>org</b>/model", "id is none"),
        ("datasets/model", "is a dataset"),
        ("org/config.json", "is the name of a file"),
        ("org/model--x", "contains -- or .."),
        ("-rf", "only letters, digits"),
        ("org/hf_" + "aB3" * 12, "contains an access token"),
        ("huggingface.co/org", "names no model|isn't the id"),
        ("org/model.git", "isn't the id"),
    ],
)
def test_an_imported_id_is_one_that_could_be_typed(actions: Actions, model_id: str, reason: str) -> None:
    offered = ConfigStore(actions.resolver.store.path.with_name("offered.json"))
    offered.put(model_id, LLAMA_3_1_8B)
    offered.put("org/good", LLAMA_3_1_8B)
    kept = {one.model_id for one in actions.saved.list()}
    summary = actions.saved.import_file(offered.path)
    assert summary.added == ("org/good",)
    (rejected,) = summary.rejected
    assert re.search(reason, rejected.reason)
    assert {one.model_id for one in actions.saved.list()} == {*kept, "org/good"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hidden_size": "wide"}, "hidden_size"),
        ({"num_key_value_heads": 7}, "7"),
        ({"note": MEMBER_TOKEN}, "token"),
        ({"hidden_size": None}, "hidden_size"),
    ],
    ids=["type", "inconsistent", "secret", "null"],
)
def test_an_imported_config_passes_the_checks_of_a_paste(
    actions: Actions, elsewhere: Actions, changed: dict[str, object], why: str
) -> None:
    actions.resolver.store.put(LLAMA, {**LLAMA_3_1_8B, **changed})
    actions.resolver.store.put(MISTRAL, MISTRAL_7B_V0_3)
    summary = elsewhere.saved.import_file(actions.saved.export_bytes())
    assert summary.added == (MISTRAL,)
    (rejected,) = summary.rejected
    assert rejected.model_id == LLAMA
    assert why in rejected.reason
    assert MEMBER_TOKEN not in rejected.reason


def test_a_file_that_cannot_be_read_is_named(actions: Actions, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing\.json"):
        actions.saved.import_file(tmp_path / "missing.json")


def test_the_functions_of_the_package_are_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = Actions(Resolver(ConfigStore(tmp_path / "mine.json")))
    monkeypatch.setattr("budsim_widgets.actions.default_actions", lambda: mine)
    mine.resolver.store.put(LLAMA, HALF)
    mine.resolver.store.put(LLAMA, LLAMA_3_1_8B)
    assert [one.model_id for one in bw.saved_configs()] == [LLAMA]
    assert len(bw.config_history(LLAMA)) == 2
    assert bw.config_difference(LLAMA, 1).new_version == 2
    assert bw.restore_config(LLAMA, 1).version == 3
    assert bw.export_configs(tmp_path / "all.json") == 1
    assert bw.forget_config(LLAMA)
    assert bw.import_configs(tmp_path / "all.json").added == (LLAMA,)
    assert [one.outcome for one in bw.verify_configs()] == ["unreachable"]
