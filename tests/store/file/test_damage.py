from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore, StoreDamagedWarning
from store.samples import llama

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAMAGED = {
    "cut off": b'{"meta": {"1": {"schema_ver',
    "zeros": b"\x00" * 100,
    "text": b"hello",
    "a list": b"[1, 2]",
    "no version": b'{"meta": {}, "models": {}}',
    "an odd version": b'{"meta": {"1": {"schema_version": "1"}}}',
    "an odd table": b'{"meta": {"1": {"schema_version": 1}}, "models": [1]}',
    "a huge number": b'{"meta": ' + b"9" * 5000 + b"}",
    "no text": b"\xff\xfe\xfd\x80",
}


def set_aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


@pytest.fixture
def damage(path: Path) -> Callable[[bytes], None]:
    def write(content: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    return write


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_set_aside_and_work_goes_on(
    store: ConfigStore, path: Path, damage: Callable[[bytes], None], content: bytes
) -> None:
    damage(content)
    with pytest.warns(StoreDamagedWarning, match="damaged-") as warned:
        assert store.get("org/model") is None
    (aside,) = set_aside(path)
    assert aside.read_bytes() == content
    assert store.notices == (str(warned[0].message),)
    assert str(aside) in store.notices[0]
    store.put("org/model", llama())
    assert ConfigStore(path).get("org/model") == store.get("org/model")
    assert aside.read_bytes() == content


def test_a_put_sets_a_damaged_file_aside_too(store: ConfigStore, path: Path, damage: Callable[[bytes], None]) -> None:
    store.put("org/before", llama())
    damage(b"{")
    with pytest.warns(StoreDamagedWarning):
        store.put("org/model", llama())
    assert [one.model_id for one in store.list()] == ["org/model"]
    assert [file.read_bytes() for file in set_aside(path)] == [b"{"]


def test_each_damaged_file_gets_a_name_of_its_own(
    store: ConfigStore, path: Path, damage: Callable[[bytes], None]
) -> None:
    for content in (b"first", b"second", b"third"):
        damage(content)
        with pytest.warns(StoreDamagedWarning):
            store.list()
    assert {file.read_bytes() for file in set_aside(path)} == {b"first", b"second", b"third"}
    assert len(store.notices) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("config", None),
        ("config", [1]),
        ("updated_at", "yesterday"),
        ("submitted_at", 5),
        ("version", True),
        ("is_verified", "yes"),
        ("published_parameters", 1.5),
        ("model_id", None),
        ("history", [{"version": 1}]),
        ("history", {}),
    ],
)
def test_one_damaged_record_does_not_take_the_others_with_it(
    store: ConfigStore, path: Path, field: str, value: Any
) -> None:
    store.put("org/good", llama())
    store.put("org/bad", llama())
    data = json.loads(path.read_text())
    for record in data["user_model_configs"].values():
        if record["model_id"] == "org/bad":
            record[field] = value
    path.write_text(json.dumps(data))
    with pytest.warns(StoreDamagedWarning, match=r"org/bad|record \d+"):
        assert [one.model_id for one in store.list()] == ["org/good"]
    (aside,) = set_aside(path)
    assert json.loads(aside.read_text()) == data
    assert [one.model_id for one in ConfigStore(path).list()] == ["org/good"]


def test_a_damaged_record_of_the_catalogue_is_set_aside(store: ConfigStore, path: Path) -> None:
    store.catalog.put("org/good", llama(), "abc")
    store.catalog.put("org/bad", llama(), "abc")
    path.write_text(path.read_text().replace('"org/bad","revision":"abc"', '"org/bad","revision":[]'))
    with pytest.warns(StoreDamagedWarning, match="org/bad"):
        assert store.catalog.get("org/bad") is None
    assert store.catalog.get("org/good") is not None


def test_a_date_edited_by_hand_without_a_zone_is_utc(store: ConfigStore, path: Path) -> None:
    stored = store.put("org/model", llama())
    path.write_text(path.read_text().replace("+00:00", ""))
    assert store.get("org/model") == stored


def test_a_fixed_file_can_be_imported(store: ConfigStore, path: Path) -> None:
    store.put("org/model", llama())
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    with pytest.warns(StoreDamagedWarning):
        store.list()
    (aside,) = set_aside(path)
    aside.write_bytes(aside.read_bytes() + content[-5:])
    assert store.import_file(aside).added == ("org/model",)


def test_a_file_that_is_just_being_written_by_another_program_is_not_damaged(
    store: ConfigStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("org/model", llama())
    content = path.read_bytes()
    path.write_bytes(content[:50])
    monkeypatch.setattr(time, "sleep", lambda _: path.write_bytes(content))
    assert store.get("org/model") is not None
    assert set_aside(path) == []
    assert store.notices == ()


def test_a_damaged_file_that_cannot_be_set_aside_is_named_and_stays(
    store: ConfigStore, path: Path, damage: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(b"{")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "rename", refuse)
    for question in (lambda: store.get("org/model"), lambda: store.put("org/model", llama())):
        with pytest.raises(StoreError) as caught:
            question()
        assert caught.value.next_step
    with pytest.raises(StoreError, match="damaged"):
        store.list()
    assert path.read_bytes() == b"{"


def test_a_deeply_nested_caller_sets_nothing_aside(store: ConfigStore, path: Path) -> None:
    store.put("org/model", llama())
    other = ConfigStore(path)

    def descend() -> None:
        other.get("org/model")
        descend()

    with pytest.raises((RecursionError, StoreError)):
        descend()
    other = ConfigStore(path)

    def read_at_the_bottom() -> None:
        try:
            read_at_the_bottom()
        except RecursionError:
            other.get("org/model")

    # a level that has room again may well read it
    with suppress(RecursionError, StoreError):
        read_at_the_bottom()
    assert set_aside(path) == []
    assert store.get("org/model") is not None
