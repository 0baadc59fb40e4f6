from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budsim_widgets.store import ConfigStore, StoreDamagedWarning
from budsim_widgets.store.records import packing
from store.samples import llama

if TYPE_CHECKING:
    from pathlib import Path

EARLIER = {
    "version": 1,
    "updated_at": "2026-07-29T12:00:00+00:00",
    "source_format": "json",
    "is_verified": False,
    "published_parameters": None,
    "contributor": None,
    "config": {},
}


def squeezed(value: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(value).encode())).decode()


DAMAGED = {
    "no base64": "?",
    "not packed": base64.b64encode(b"[]").decode(),
    "cut off": squeezed([EARLIER] * 9)[:40],
    "something behind it": base64.b64encode(zlib.compress(b"[]") + b"x").decode(),
    "no list": squeezed({}),
    "no JSON": base64.b64encode(zlib.compress(b"[")).decode(),
    "no records": squeezed([1]),
    "half a record": squeezed([{"version": 1}]),
    "a bomb": squeezed(" " * (packing.MAX_HISTORY_BYTES + 1)),
}


@given(st.lists(st.dictionaries(st.text(max_size=9), st.integers() | st.text(max_size=9), max_size=4), max_size=6))
@settings(max_examples=40)
def test_what_was_packed_is_unpacked(configs: list[dict[str, object]]) -> None:
    versions = [{**EARLIER, "config": config} for config in configs]
    assert packing.unpacked(packing.packed(versions), model_id="org/model") == versions


def test_twenty_versions_take_less_room_than_the_config(store: ConfigStore) -> None:
    for number in range(21):
        store.put("org/model", llama(vocab_size=number, layer_types=["full_attention", "sliding_attention"] * 24))
    (record,) = json.loads(store.path.read_bytes())["user_model_configs"].values()
    assert len(store.history("org/model")) == 20
    assert len(record["history"]) < len(json.dumps(record["config"]))


def test_a_history_that_grows_too_long_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = [{**EARLIER, "config": {"number": number}} for number in range(20, 0, -1)]
    monkeypatch.setattr(packing, "MAX_HISTORY_BYTES", 1_000)
    kept = packing.unpacked(packing.packed(versions), model_id="org/model")
    assert kept == versions[: len(kept)]
    assert 3 < len(kept) < 9
    monkeypatch.setattr(packing, "MAX_HISTORY_BYTES", 10)
    assert packing.packed(versions) == ""


@pytest.mark.parametrize("history", DAMAGED.values(), ids=DAMAGED)
def test_a_history_that_cannot_be_unpacked_is_set_aside_and_the_config_stays(
    store: ConfigStore, path: Path, history: str
) -> None:
    store.put("org/good", llama())
    store.put("org/good", llama(vocab_size=2))
    stored = store.put("org/model", llama())
    data = json.loads(path.read_text())
    for record in data["user_model_configs"].values():
        if record["model_id"] == "org/model":
            record["history"] = history
    path.write_text(json.dumps(data))
    assert store.get("org/model") == stored, "asking for the config alone needs no history"
    with pytest.warns(StoreDamagedWarning, match="org/model: .*earlier version"):
        assert store.history("org/model") == []
    (aside,) = path.parent.glob("*.damaged-*")
    assert json.loads(aside.read_text()) == data
    assert store.put("org/model", llama(vocab_size=2)).version == 2
    assert len(ConfigStore(path).history("org/model")) == len(store.history("org/good")) == 1


@pytest.mark.parametrize("history", DAMAGED.values(), ids=DAMAGED)
def test_a_file_with_such_a_history_is_imported_without_it(store: ConfigStore, history: str) -> None:
    store.put("org/model", llama())
    data = json.loads(store.path.read_text())
    for record in data["user_model_configs"].values():
        record["history"] = history
    store.delete("org/model")
    summary = store.import_bytes(json.dumps(data).encode())
    assert summary.added == ("org/model",)
    assert [one.reason for one in summary.rejected] == ["Its earlier versions can't be read."]
    assert store.history("org/model") == []


def test_a_copy_of_a_store_is_imported_with_its_packed_history(store: ConfigStore, tmp_path: Path) -> None:
    other = ConfigStore(tmp_path / "other.json")
    other.put("org/model", llama(vocab_size=2))
    other.put("org/model", llama())
    assert json.loads(other.path.read_bytes()) != json.loads(other.export_bytes())
    store.import_file(other.path)
    assert [one.config for one in store.history("org/model")] == [llama(vocab_size=2)]
