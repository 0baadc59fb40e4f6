"""Files that anyone may have written: bounded, checked record by record, and listed with the reason."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budsim_widgets.errors import ConfigError, StoreError
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.exchange import import_checks
from budsim_widgets.store.records.versions import MAX_EARLIER_VERSIONS
from store.samples import llama

VERSION = {
    "version": 1,
    "updated_at": "2026-07-29T12:00:00+00:00",
    "source_format": "json",
    "is_verified": True,
    "published_parameters": 8,
    "contributor": "the Hub itself",
    "config": {"hidden_size": 1},
}
RECORD = {"model_id": "org/model", "submitted_at": "2026-07-29T12:00:00+00:00", "history": [], **VERSION}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def file_of(*records: Any) -> bytes:
    table = {str(number): record for number, record in enumerate(records)}
    return json.dumps({"meta": {"1": {"schema_version": 2}}, "user_model_configs": table}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" " * 10 + file_of(RECORD) * 2, "larger than"),
        (b'{"user_model_configs":{"1":[' + b"[]," * 200 + b"0]}}", "objects and lists"),
        (file_of(*[0] * 30), "models"),
        (b"[" * 100, "not JSON|nested too deeply"),
        (b'{"user_model_configs":' + b"[" * 5_000, "objects and lists"),
        (b'{"user_model_configs":{"1":' + b"9" * 5_000 + b"}}", "not JSON"),
        (b'{"user_model_configs":[]}', "no JSON object"),
        (b"\xff\xfe{}", "not JSON"),
        (b"PK\x03\x04", "not JSON"),
        (b'{"hidden_size":1}', "no store of configs"),
    ],
)
def test_a_file_beyond_the_limits_or_of_another_kind_is_refused_whole(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    limit = len(file_of(RECORD)) + 9 if message == "larger than" else 1_000_000
    monkeypatch.setattr(import_checks, "MAX_IMPORT_BYTES", limit)
    monkeypatch.setattr(import_checks, "MAX_CONTAINERS", 150)
    monkeypatch.setattr(import_checks, "MAX_MODELS", 20)
    with pytest.raises(StoreError, match=message) as caught:
        store.import_bytes(content, source_name="team.json")
    assert "team.json" in str(caught.value)
    assert caught.value.next_step
    assert not store.path.exists()


def test_a_real_deep_file_is_refused_without_a_crash(store: ConfigStore) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    for content in (deep, b'{"user_model_configs":{"1":{"config":' + deep + b"}}}"):
        with pytest.raises(StoreError, match="nested too deeply") as caught:
            store.import_bytes(content, source_name="team.json")
        assert "team.json" in caught.value.message
        assert caught.value.next_step == "Export the configs again."  # nothing of the store, which is as it was


def test_a_file_is_read_no_further_than_the_limit(store: ConfigStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("org/model", llama())
    exported = store.path.with_name("exported.json")
    store.export_file(exported)
    monkeypatch.setattr(import_checks, "MAX_IMPORT_BYTES", exported.stat().st_size - 1)
    with pytest.raises(StoreError, match="larger than"):
        store.import_file(exported)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_id": "org/mo\u202edel"}, "no.* id|id is none"),
        ({"model_id": "org/model\n"}, "id is none"),
        ({"model_id": "org/my model"}, "id is none"),
        ({"model_id": "../../etc/passwd"}, "id is none"),
        ({"model_id": "org/.."}, "id is none"),
        ({"model_id": "/etc/passwd"}, "id is none"),
        ({"model_id": "a/b/c"}, "id is none"),
        ({"model_id": "<img src=x onerror=alert(1)>"}, "id is none"),
        ({"model_id": "org/m\u00f6del"}, "id is none"),
        ({"model_id": "org/model\x1b[31m"}, "id is none"),
        ({"model_id": "a" * 5_000}, "id is none"),
        ({"model_id": "\ud800"}, "id is none"),
        ({"model_id": " "}, "blank"),
        ({"version": True}, "wrong type"),
        pytest.param({"version": 10**4_000}, "out of range", id="version of 4000 digits"),
        ({"config": []}, "wrong type"),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, "no time"),
        ({"history": [{**VERSION, "config": None}]}, "earlier version"),
    ],
)
def test_a_record_that_cannot_be_used_is_listed_with_the_reason(
    store: ConfigStore, change: dict[str, Any], reason: str
) -> None:
    good = {**RECORD, "model_id": "org/good"}
    summary = store.import_bytes(file_of({**RECORD, **change}, good))
    assert summary.added == ("org/good",)
    (rejected,) = summary.rejected
    assert re.search(reason, rejected.reason)
    assert rejected.model_id.isprintable()
    assert len(rejected.model_id) <= 200
    assert [one.model_id for one in ConfigStore(store.path).list()] == ["org/good"]


def test_texts_of_others_are_short_lines(store: ConfigStore) -> None:
    record = {**RECORD, "source_format": "json\n\u202e" + "x" * 5_000}
    store.import_bytes(file_of(record), contributor="<b>jane\r\n" + "y" * 5_000)
    (stored,) = store.list()
    assert stored.contributor is not None
    for text in (stored.source_format, stored.contributor):
        assert text.isprintable()
        assert len(text) <= 200


def test_version_numbers_cannot_run_away(store: ConfigStore) -> None:
    earlier = [{**VERSION, "version": 2**62, "config": {"hidden_size": size}} for size in (2, 3)]
    store.import_bytes(file_of({**RECORD, "version": 2**63 - 1, "history": earlier}))
    assert [one.version for one in (*store.list(), *store.history("org/model"))] == [3, 2, 1]
    store.put("org/model", llama())
    assert [one.version for one in ConfigStore(store.path).list()] == [4]


def test_no_more_history_than_is_kept_is_checked(store: ConfigStore) -> None:
    asked = []
    earlier = [{**VERSION, "config": {"hidden_size": size}} for size in range(5_000)]
    store.import_bytes(file_of({**RECORD, "version": 9_000, "history": earlier}), check=asked.append)
    assert len(asked) == len(store.history("org/model")) + 1 == MAX_EARLIER_VERSIONS + 1


def test_a_check_that_stops_the_import_changes_nothing(store: ConfigStore) -> None:
    store.put("org/model", llama())
    before = store.path.read_bytes()

    def interrupt(_: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.import_bytes(file_of(RECORD), check=interrupt)
    assert store.path.read_bytes() == before


def test_keys_of_python_and_javascript_are_only_keys(store: ConfigStore) -> None:
    config = {key: {key: 1} for key in ("__proto__", "__class__", "constructor", "", "a\x00b", "{0}", "\ud800")}
    store.import_bytes(file_of({**RECORD, "config": config}))
    assert [one.config for one in ConfigStore(store.path).list()] == [config]


@given(
    st.lists(
        st.builds(
            lambda changes: {**RECORD, **changes},
            st.dictionaries(st.sampled_from(sorted(RECORD)), anything, max_size=3),
        )
        | anything,
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_records_are_each_is_taken_or_listed(store: ConfigStore, records: list[Any]) -> None:
    def refuse_some(config: dict[str, Any]) -> None:
        if len(config) > 1:
            raise ConfigError("FIELD_VALUE", "Too much.")

    store.delete("org/model")
    summary = store.import_bytes(file_of(*records), check=refuse_some)
    assert len(summary.added) + len(summary.updated) + len(summary.kept) <= len(records)
    assert len({*summary.added}) + len(summary.rejected) >= (1 if records else 0)
    found = ConfigStore(store.path).list()
    assert not any(one.is_verified or one.published_parameters for one in found)
    assert {one.model_id for one in found} >= set(summary.added)
    store.put("org/model", {"hidden_size": 9})


def test_a_restored_and_edited_history_goes_out_and_comes_in_as_it_was(store: ConfigStore) -> None:
    for size in (1, 2, 3):
        store.put("org/model", {"hidden_size": size}, contributor="jane")
    store.restore("org/model", 1)
    store.put("org/model", {"hidden_size": 4})
    before = [(one.version, one.config, one.updated_at) for one in store.history("org/model")]
    content = store.export_bytes()
    store.delete("org/model")
    store.import_bytes(content)
    assert [(one.version, one.config, one.updated_at) for one in store.history("org/model")] == before
    assert [one.version for one in store.list()] == [5]
    again = ConfigStore(store.path.with_name("again.json"))
    again.import_bytes(content)
    assert again.export_bytes() == store.export_bytes()
