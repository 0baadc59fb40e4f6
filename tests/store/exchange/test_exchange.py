from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from budsim_widgets.errors import ConfigError, StoreError
from budsim_widgets.store import ConfigStore, ImportSummary, RejectedConfig, StoredConfig
from budsim_widgets.store.records import clock
from store.samples import llama

NOON = datetime(2026, 7, 29, 12, tzinfo=timezone.utc)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    return tmp_path / "exported.json"


@pytest.fixture
def other(tmp_path: Path) -> ConfigStore:
    return ConfigStore(tmp_path / "other" / "configs.json")


def as_imported(stored: StoredConfig) -> StoredConfig:
    return replace(stored, is_verified=False, published_parameters=None, contributor="imported from exported.json")


def refuse_tiny(config: dict[str, Any]) -> None:
    config["touched"] = True
    if config["vocab_size"] < 10:
        raise ConfigError("FIELD_RANGE", "The vocabulary is too small.")


def test_an_empty_store_takes_over_all_that_was_exported(
    store: ConfigStore, other: ConfigStore, exported: Path
) -> None:
    store.put("b/b", llama(), source_format="yaml", is_verified=True, published_parameters=8)
    store.put("b/b", llama(vocab_size=2))
    store.put("a/a", llama())
    store.catalog.put("c/c", llama(), "abc")
    assert store.export_file(exported) == 2
    assert other.import_file(exported) == ImportSummary(added=("b/b", "a/a"))
    assert other.list() == [as_imported(one) for one in store.list()]
    assert other.history("b/b") == [as_imported(one) for one in store.history("b/b")]
    assert other.catalog.get("c/c") is None
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600


def test_newer_wins_older_becomes_history_and_nothing_is_done_twice(
    store: ConfigStore, other: ConfigStore, exported: Path
) -> None:
    other.put("newer/here", llama(vocab_size=11))
    store.put("newer/there", llama(vocab_size=12))
    store.put("same/same", llama())
    other.put("same/same", llama())
    other.put("newer/there", llama(vocab_size=13))
    store.put("newer/here", llama(vocab_size=14))
    other.put("only/there", llama())
    other.export_file(exported)
    summary = store.import_file(exported)
    assert summary.added == ("only/there",)
    assert summary.updated == ("newer/there",)
    assert sorted(summary.kept) == ["newer/here", "same/same"]
    assert {one.model_id: one.config["vocab_size"] for one in store.list()} == {
        "newer/here": 14,
        "newer/there": 13,
        "only/there": 128256,
        "same/same": 128256,
    }
    assert [one.config["vocab_size"] for one in store.history("newer/here")] == [11]
    assert [one.config["vocab_size"] for one in store.history("newer/there")] == [12]
    before = store.path.read_bytes()
    assert len(store.import_file(exported).kept) == 4
    assert store.path.read_bytes() == before


def test_configs_that_fail_the_check_are_listed_and_left_out(
    store: ConfigStore, other: ConfigStore, exported: Path
) -> None:
    other.put("good/good", llama())
    other.put("bad/now", llama())
    other.put("bad/now", llama(vocab_size=2))
    other.put("bad/before", llama(vocab_size=3))
    other.put("bad/before", llama())
    other.export_file(exported)
    summary = store.import_file(exported, check=refuse_tiny)
    assert summary.added == ("good/good", "bad/before")
    assert summary.rejected == (
        RejectedConfig("bad/now", "The vocabulary is too small."),
        RejectedConfig("bad/before", "Its earlier version 1: The vocabulary is too small."),
    )
    assert [one.config for one in store.list()] == [llama(), llama()], "the check got copies"
    assert store.history("bad/before") == []


def test_records_that_cannot_be_read_are_listed(store: ConfigStore, other: ConfigStore, exported: Path) -> None:
    other.put("good/good", llama())
    other.put("broken/date", llama())
    other.put("too/deep", llama(a=json.loads("[" * 60 + "]" * 60)))
    other.export_file(exported)
    data = json.loads(exported.read_text())
    for record in data["user_model_configs"].values():
        if record["model_id"] == "broken/date":
            record["updated_at"] = "yesterday"
        if record["model_id"] == "too/deep":
            record["config"]["a"] = [[[[[record["config"]["a"]]]]]]
    data["user_model_configs"]["17"] = ["no record"]
    exported.write_text(json.dumps(data))
    summary = store.import_file(exported)
    assert summary.added == ("good/good",)
    assert {rejected.model_id: rejected.reason for rejected in summary.rejected} == {
        "broken/date": "Its record can't be read: `updated_at` is no time.",
        "record 17": "Its record can't be read: it is no object.",
        "too/deep": "Its record can't be read: `config` is nested more than 64 levels deep.",
    }
    assert json.loads(exported.read_text()) == data, "an import only reads"


def test_of_a_model_that_stands_in_the_file_twice_the_newer_config_counts(
    store: ConfigStore, other: ConfigStore, exported: Path
) -> None:
    other.put("org/model", llama(vocab_size=11))
    other.export_file(exported)
    data = json.loads(exported.read_text())
    ((key, record),) = data["user_model_configs"].items()
    twin = record | {"model_id": "ORG/model", "updated_at": "2020-01-01T00:00:00+00:00", "config": llama(vocab_size=12)}
    data["user_model_configs"] = {key: record, "1": twin}
    exported.write_text(json.dumps(data))
    summary = store.import_file(exported)
    assert summary.added == ("org/model",)
    assert [one.model_id for one in summary.rejected] == ["ORG/model"]
    assert [one.config["vocab_size"] for one in (*store.list(), *store.history("org/model"))] == [11]


def test_a_date_in_the_future_does_not_win_for_ever(
    store: ConfigStore, other: ConfigStore, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "utc_now", lambda: NOON + timedelta(days=4000))
    other.put("org/model", llama(vocab_size=11))
    other.export_file(exported)
    monkeypatch.setattr(clock, "utc_now", lambda: NOON)
    store.import_file(exported)
    assert store.put("org/model", llama()).updated_at == NOON


def test_a_copy_of_a_store_can_be_imported_and_the_store_itself_changes_nothing(
    store: ConfigStore, other: ConfigStore
) -> None:
    other.put("org/model", llama())
    assert store.import_file(other.path).added == ("org/model",)
    before = store.path.read_bytes()
    assert store.import_file(store.path).kept == ("org/model",)
    assert store.path.read_bytes() == before


def test_an_export_replaces_a_file_but_never_the_store(store: ConfigStore, exported: Path) -> None:
    store.catalog.put("org/model", llama(), "abc")
    exported.write_text("an older export")
    assert store.export_file(exported) == 0
    assert json.loads(exported.read_text())["user_model_configs"] == {}
    with pytest.raises(StoreError, match="store itself"):
        store.export_file(store.path)
    assert store.catalog.get("org/model") is not None


def test_an_export_into_a_missing_folder_says_so(store: ConfigStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such place") as caught:
        store.export_file(tmp_path / "nowhere" / "exported.json")
    assert "BUDSIM_STORE" not in caught.value.next_step


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no file"),
        ("{", "not JSON"),
        ("[]", "no object"),
        ('{"hidden_size": 4096}', "no store"),
        ('{"meta": {"1": {"schema_version": 99}}}', "newer"),
        ('{"meta": {"1": {}}}', "which version"),
    ],
)
def test_what_is_no_export_is_refused_and_left_as_it_is(
    store: ConfigStore, exported: Path, content: str | None, message: str
) -> None:
    if content is not None:
        exported.write_text(content)
    with pytest.raises(StoreError, match=message) as caught:
        store.import_file(exported)
    assert caught.value.next_step
    assert caught.value.path == str(exported)
    assert not store.path.exists()
    assert content is None or exported.read_text() == content


def test_a_folder_or_a_pipe_is_no_export(store: ConfigStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        store.import_file(tmp_path)
    with pytest.raises(StoreError):
        store.import_file(Path("/dev/null"))


def test_a_file_cannot_call_its_configs_verified(store: ConfigStore, other: ConfigStore) -> None:
    other.put("org/model", llama(vocab_size=11), is_verified=True, published_parameters=8, contributor="the Hub itself")
    other.put("org/model", llama(), is_verified=True, published_parameters=9)
    assert store.import_bytes(other.export_bytes(), source_name="team.json").added == ("org/model",)
    for version in (*store.list(), *store.history("org/model")):
        assert (version.is_verified, version.published_parameters) == (False, None)
        assert version.contributor == "imported from team.json"
    assert store.set_verified("org/model", is_verified=True, published_parameters=9) is not None
    assert store.import_bytes(other.export_bytes()).kept == ("org/model",)
    assert [one.is_verified for one in store.list()] == [True], "the same config again is as verified as before"


def test_a_config_that_was_verified_here_stays_verified_when_a_file_goes_back_to_it(
    store: ConfigStore, other: ConfigStore
) -> None:
    store.put("org/model", llama(), is_verified=True, published_parameters=8)
    store.put("org/model", llama(vocab_size=11))
    other.import_bytes(store.export_bytes())
    other.restore("org/model", 1)
    assert store.import_bytes(other.export_bytes(), contributor="jane in org/configs").updated == ("org/model",)
    (stored,) = store.list()
    assert (stored.version, stored.config, stored.is_verified, stored.contributor) == (3, llama(), True, None)


def test_some_models_can_be_exported(store: ConfigStore, other: ConfigStore) -> None:
    for model_id in ("a/a", "b/b", "c/c"):
        store.put(model_id, llama())
    assert other.import_bytes(store.export_bytes(["C/c ", "a/a"])).added == ("c/c", "a/a")
    assert other.import_bytes(store.export_bytes([])) == ImportSummary()
    with pytest.raises(StoreError, match="d/d") as caught:
        store.export_bytes(["a/a", "d/d"])
    assert caught.value.model_id == "d/d"


def test_an_export_to_bytes_is_an_export_to_a_file(store: ConfigStore, exported: Path) -> None:
    store.put("org/model", llama())
    store.put("org/model", llama(vocab_size=11))
    store.export_file(exported)
    assert store.export_bytes() == store.export_bytes(["org/model"]) == exported.read_bytes()
