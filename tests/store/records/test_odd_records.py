"""What people and programs write into the file by hand: read, or set aside by name, never an error of Python's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.store import ConfigStore, StoreDamagedWarning
from store.samples import llama

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Table = dict[str, Any]


def nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


@pytest.fixture
def edit(store: ConfigStore, path: Path) -> Callable[[Callable[[Table], None]], None]:
    """Changes the table of configs by hand; it holds org/good and org/odd."""
    store.put("org/good", llama())
    store.put("org/odd", llama())

    def apply(change: Callable[[Table], None]) -> None:
        data = json.loads(path.read_text())
        change(data["user_model_configs"])
        path.write_text(json.dumps(data))

    return apply


def odd_one(table: Table) -> str:
    return next(key for key, record in table.items() if record["model_id"] == "org/odd")


@pytest.mark.parametrize("key", ["abc", "", "1", "-1", "9" * 5000, " 5 ", "1_0", "٣", "__proto__", "1.0", "\ud800"])
def test_a_record_under_any_key_belongs_to_its_model(
    store: ConfigStore, path: Path, edit: Callable[[Callable[[Table], None]], None], key: str
) -> None:
    edit(lambda table: table.update({key: table.pop(odd_one(table))}))
    assert store.get("org/odd") is not None
    assert store.put("org/odd", llama(vocab_size=2)).version == 2
    assert store.put("org/new", llama()).version == 1
    assert [one.model_id for one in ConfigStore(path).list()] == ["org/good", "org/new", "org/odd"]
    assert store.delete("org/odd")
    assert store.notices == ()


def test_a_record_that_a_program_added_with_tinydb_is_found(
    store: ConfigStore, edit: Callable[[Callable[[Table], None]], None]
) -> None:
    edit(lambda table: table.update({"1": table[odd_one(table)] | {"model_id": "org/added"}}))
    assert [one.model_id for one in store.list()] == ["org/added", "org/good", "org/odd"]
    assert store.get("ORG/added") is not None


def test_of_two_records_of_one_model_the_newer_counts_and_the_file_is_kept(
    store: ConfigStore, edit: Callable[[Callable[[Table], None]], None]
) -> None:
    later = {"updated_at": "2100-01-01T00:00:00+02:00", "config": llama(vocab_size=2)}
    edit(lambda table: table.update({"1": table[odd_one(table)] | later}))
    with pytest.warns(StoreDamagedWarning, match="org/odd.*twice"):
        stored = store.get("org/odd")
    assert stored is not None
    assert stored.config["vocab_size"] == 2


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("updated_at", "0001-01-01T00:00:00+14:00", "no time"),
        ("submitted_at", "9999-12-31T23:59:59-14:00", "no time"),
        pytest.param("version", 10**4000, "out of range", id="version of 4000 digits"),
        ("version", 0, "out of range"),
        ("version", -5, "out of range"),
        ("published_parameters", -1, "out of range"),
        pytest.param("published_parameters", 10**4000, "out of range", id="parameters of 4000 digits"),
        ("contributor", 7, "wrong type"),
        ("history", None, "wrong type"),
        ("config", {"a": nested(64)}, "64 levels"),
        ("config", {"a": nested(900)}, "64 levels|nested too deeply"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_set_aside(
    store: ConfigStore, edit: Callable[[Callable[[Table], None]], None], field: str, value: Any, fault: str
) -> None:
    edit(lambda table: table[odd_one(table)].update({field: value}))
    with pytest.warns(StoreDamagedWarning, match=rf"org/odd.*({fault})"):
        store.put("org/new", llama())
    assert [one.model_id for one in store.list()] == ["org/good", "org/new"]
    assert store.put("org/odd", llama()).version == 1
    assert len(list(store.path.parent.glob("*.damaged-*"))) == 1


@pytest.mark.parametrize("model_id", ["", " \n"])
def test_a_record_without_a_model_is_set_aside(
    store: ConfigStore, edit: Callable[[Callable[[Table], None]], None], model_id: str
) -> None:
    edit(lambda table: table[odd_one(table)].update({"model_id": model_id}))
    with pytest.warns(StoreDamagedWarning, match=r"record \d+ .*blank"):
        assert [one.model_id for one in store.list()] == ["org/good"]


def test_many_damaged_records_are_counted_not_all_named(
    store: ConfigStore, edit: Callable[[Callable[[Table], None]], None]
) -> None:
    edit(lambda table: table.update({f"x{number}": number for number in range(1000)}))
    with pytest.warns(StoreDamagedWarning, match="990 more") as warned:
        store.list()
    assert len(str(warned[0].message)) < 2_000


def test_another_programs_table_may_hold_anything(store: ConfigStore, path: Path) -> None:
    store.put("org/model", llama())
    data = json.loads(path.read_text()) | {"_default": {"x y": [1, {"a": None}]}}
    path.write_text(json.dumps(data))
    store.put("org/other", llama())
    assert json.loads(path.read_text())["_default"] == {"x y": [1, {"a": None}]}
    assert store.notices == ()
