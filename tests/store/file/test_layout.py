from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore, StoreDamagedWarning
from budsim_widgets.store.file import layout
from budsim_widgets.store.records import schema as schema_module
from budsim_widgets.store.records.plain_json import copy_of, is_deeper_than, to_plain_json
from budsim_widgets.store.records.schema import CURRENT, Schema
from store.samples import llama

if TYPE_CHECKING:
    from budsim_widgets.store.records.schema import Tables

SOMEWHERE = Path("configs.json")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=5)


def depth_of(value: object) -> int:
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth_of, items), default=0)
    return 0


@given(st.dictionaries(st.text(), json_objects, max_size=3))
@settings(max_examples=50)
def test_what_was_written_is_read(table: dict[str, dict[str, object]]) -> None:
    tables = {"user_model_configs": {}, "anything": table}
    decoded = layout.decode(layout.encode(tables, CURRENT), path=SOMEWHERE, schema=CURRENT)
    assert decoded == layout.Content(tables, CURRENT.version)


@given(st.binary(max_size=200) | json_values.map(lambda data: json.dumps(data).encode()))
def test_any_bytes_and_any_json_are_read_or_refused_by_name(content: bytes) -> None:
    with suppress(layout.DamagedFileError, StoreError):
        assert isinstance(layout.decode(content, path=SOMEWHERE, schema=CURRENT).tables, dict)


@given(json_objects)
@settings(max_examples=50)
def test_a_plain_copy_is_equal_and_shares_nothing(value: dict[str, object]) -> None:
    plain = to_plain_json(value, model_id="org/model")
    copy = copy_of(plain)
    assert copy == plain == value
    assert copy is not plain
    assert all(copy[key] is not plain[key] for key in plain if isinstance(plain[key], (dict, list)))


@given(json_values, st.integers(0, 6))
def test_depth_is_counted_in_levels(value: object, depth: int) -> None:
    assert is_deeper_than(depth, value) is (depth_of(value) > depth)


@pytest.mark.parametrize("content", [b"", b" \n", b"{}"])
def test_an_empty_file_is_an_empty_store(content: bytes) -> None:
    assert layout.decode(content, path=SOMEWHERE, schema=CURRENT).tables == {}


def test_a_person_can_compare_two_files_line_by_line(store: ConfigStore) -> None:
    store.put("org/one", llama())
    before = store.path.read_text().splitlines()
    store.put("org/two", llama())
    after = store.path.read_text().splitlines()
    assert len(after) - len(before) == 1
    assert sum(line.count('"config":') for line in after) == 2


def rename_field(tables: Tables) -> Tables:
    """An example of a step: version 3 calls `source_format` something else, for a test."""
    configs = {
        key: record | {"source_format": f"text/{record['source_format']}"}
        for key, record in tables.get("user_model_configs", {}).items()
    }
    return {**tables, "user_model_configs": configs}


@pytest.fixture
def newer_schema(monkeypatch: pytest.MonkeyPatch) -> Schema:
    newer = Schema(version=4, migrations={**CURRENT.migrations, 2: rename_field, 3: lambda tables: tables})
    monkeypatch.setattr(schema_module, "CURRENT", newer)
    return newer


def test_an_older_file_is_read_in_the_newer_layout_and_left_as_it_is(
    store: ConfigStore, request: pytest.FixtureRequest
) -> None:
    store.put("org/model", llama())
    before = store.path.read_bytes()
    request.getfixturevalue("newer_schema")
    stored = ConfigStore(store.path).get("org/model")
    assert stored is not None
    assert stored.source_format == "text/json"
    assert store.path.read_bytes() == before


def test_the_first_write_keeps_a_copy_of_the_older_file(store: ConfigStore, request: pytest.FixtureRequest) -> None:
    store.put("org/model", llama())
    before = store.path.read_bytes()
    request.getfixturevalue("newer_schema")
    upgraded = ConfigStore(store.path)
    upgraded.put("org/other", llama())
    upgraded.put("org/third", llama())
    (backup,) = store.path.parent.glob("*backup*")
    assert backup.read_bytes() == before
    assert str(backup) in upgraded.notices[0]
    assert json.loads(store.path.read_text())["meta"]["1"]["schema_version"] == 4
    assert [one.source_format for one in upgraded.list()] == ["text/json", "json", "json"]
    with pytest.raises(StoreError, match="newer"):
        store.get("org/model")
    assert upgraded.import_file(backup).kept == ("org/model",)


def test_a_newer_file_is_not_touched(store: ConfigStore) -> None:
    store.path.parent.mkdir()
    content = '{"meta": {"1": {"schema_version": 3}}, "user_model_configs": {"1": {"unknown": true}}}'
    store.path.write_text(content)
    for question in (lambda: store.get("org/model"), store.list, lambda: store.put("org/model", llama())):
        with pytest.raises(StoreError, match="newer") as caught:
            question()
        assert "pip install --upgrade" in caught.value.next_step
    assert store.path.read_text() == content
    assert not list(store.path.parent.glob("*damaged*"))


def test_another_programs_json_is_not_touched(store: ConfigStore) -> None:
    store.path.parent.mkdir()
    content = json.dumps(llama())
    store.path.write_text(content)
    for question in (lambda: store.get("org/model"), lambda: store.put("org/model", llama())):
        with pytest.raises(StoreError, match="no store of configs"):
            question()
    assert store.path.read_text() == content


def test_tables_of_others_in_the_file_stay(store: ConfigStore) -> None:
    store.put("org/model", llama())
    data = json.loads(store.path.read_text())
    data["notes"] = {"1": {"text": "mine"}}
    store.path.write_text(json.dumps(data))
    store.put("org/other", llama())
    assert json.loads(store.path.read_text())["notes"] == {"1": {"text": "mine"}}


def as_version_1(path: Path) -> bytes:
    """The same store as the first version of this package wrote it."""
    data = json.loads(path.read_text()) | json.loads(ConfigStore(path).export_bytes())
    data["meta"]["1"]["schema_version"] = 1
    for record in data["user_model_configs"].values():
        for version in (record, *record["history"]):
            del version["contributor"]
    path.write_text(json.dumps(data))
    return path.read_bytes()


def test_a_file_of_version_1_gets_contributors(store: ConfigStore) -> None:
    store.put("org/model", llama(vocab_size=11), is_verified=True, published_parameters=8)
    store.put("org/model", llama())
    store.catalog.put("org/model", llama(), "abc")
    kept = (store.list(), store.history("org/model"), store.catalog.get("org/model"))
    old = as_version_1(store.path)
    upgraded = ConfigStore(store.path)
    assert (upgraded.list(), upgraded.history("org/model"), upgraded.catalog.get("org/model")) == kept
    assert store.path.read_bytes() == old, "reading leaves it as it is"
    assert upgraded.put("org/other", llama(), contributor="jane").contributor == "jane"
    (backup,) = store.path.parent.glob("*.layout-1-backup")
    assert backup.read_bytes() == old
    assert [one.contributor for one in ConfigStore(store.path).list()] == [None, "jane"]


def test_damaged_records_of_version_1_are_found_after_the_migration(store: ConfigStore) -> None:
    store.put("org/good", llama())
    as_version_1(store.path)
    data = json.loads(store.path.read_text())
    data["user_model_configs"] |= {"1": [], "2": {"history": 1}, "3": {"history": [1]}, "4": {}}
    store.path.write_text(json.dumps(data))
    with pytest.warns(StoreDamagedWarning):
        assert [one.model_id for one in store.list()] == ["org/good"]
