"""Whatever lies where the store writes and reads: only regular files are touched, and nothing is waited for."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from odd_files import ODD, POSIX, PRECIOUS, no_wait, state_of

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.file import layout
from budsim_widgets.store.file.locking import StoreLock
from store.samples import llama

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = POSIX

FOLLOWED = {"a link", "a link to nothing"}
"""A store or an import may be named by a link: its target counts."""


@pytest.fixture(params=ODD)
def odd(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_an_export_replaces_files_only(store: ConfigStore, tmp_path: Path, odd: str) -> None:
    store.put("org/model", llama())
    target = tmp_path / "export.json"
    ODD[odd](target)
    before = state_of(target)
    with no_wait(), pytest.raises(StoreError, match="not a regular file") as caught:
        store.export_file(target)
    assert "name another file" in caught.value.next_step
    assert state_of(target) == before
    assert not list(tmp_path.glob(".*.tmp"))


def test_an_export_is_not_written_through_a_link_on_its_way_to_a_file_of_the_same_name(
    store: ConfigStore, tmp_path: Path
) -> None:
    store.put("org/model", llama())
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert store.export_file(tmp_path / "link" / "export.json") == 1
    assert (tmp_path / "folder" / "export.json").is_file()


def test_an_export_into_the_files_of_the_store_is_refused(store: ConfigStore) -> None:
    store.put("org/model", llama())
    for name in ("configs.json", "configs.json.lock", "configs.json.lock-holder"):
        with pytest.raises(StoreError, match="store"):
            store.export_file(store.path.with_name(name))
    link = store.path.with_name("link.json")
    link.symlink_to(store.path)
    with pytest.raises(StoreError, match="store itself"):
        store.export_file(link)
    assert len(ConfigStore(store.path).list()) == 1


def test_the_name_of_the_locks_holder_is_written_into_a_new_file_or_nowhere(store: ConfigStore, odd: str) -> None:
    holder = store.path.with_name("configs.json.lock-holder")
    store.path.parent.mkdir()
    ODD[odd](holder)
    before = state_of(holder)
    with no_wait():
        assert store.put("org/model", llama()).version == 1
    assert state_of(holder) == before


def test_another_name_of_somebodys_file_is_taken_away_and_the_file_is_not_written(store: ConfigStore) -> None:
    holder, precious = store.path.with_name("configs.json.lock-holder"), store.path.with_name("precious")
    store.path.parent.mkdir()
    precious.write_bytes(PRECIOUS)
    os.link(precious, holder)
    store.put("org/model", llama())
    assert precious.read_bytes() == PRECIOUS
    assert not holder.exists()


def test_a_busy_store_names_its_holder_without_waiting_for_a_pipe(path: Path, odd: str) -> None:
    holder = path.with_name("configs.json.lock-holder")
    path.parent.mkdir()
    ODD[odd](holder)
    waiting = ConfigStore(path, lock_timeout_seconds=0)
    with no_wait(), StoreLock(path, timeout_seconds=1).held(), pytest.raises(StoreError, match="another process is"):
        waiting.put("org/model", llama())


def test_a_holders_name_is_only_text(path: Path) -> None:
    with StoreLock(path, timeout_seconds=1).held():
        holder = path.with_name("configs.json.lock-holder")
        holder.write_text(json.dumps({"pid": 7, "host": "\x1b]0;owned\x07\u202e"}))
        with pytest.raises(StoreError, match="process 7 on") as caught:
            ConfigStore(path, lock_timeout_seconds=0).put("org/model", llama())
    assert caught.value.message.isprintable()


def test_the_lock_is_a_file_or_nothing_is_written(store: ConfigStore, odd: str) -> None:
    lock = store.path.with_name("configs.json.lock")
    store.path.parent.mkdir()
    ODD[odd](lock)
    before = state_of(lock)
    with no_wait(), pytest.raises(StoreError, match=r"configs\.json\.lock is .*, not a regular file") as caught:
        store.put("org/model", llama())
    assert "Remove it" in caught.value.next_step
    assert state_of(lock) == before
    assert not store.path.exists()


def test_a_store_is_a_file(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "odd"
    ODD[odd](path)
    before = state_of(path)
    store = ConfigStore(path)
    with no_wait():
        if odd in FOLLOWED or odd == "a folder":
            store = ConfigStore(path)
            assert store.path != path
            return
        for question in (lambda: store.get("org/model"), lambda: store.put("org/model", llama()), store.list):
            with pytest.raises(StoreError, match="not a regular file") as caught:
                question()
            assert "BUDSIM_STORE" in caught.value.next_step
    assert state_of(path) == before


def test_what_takes_the_place_of_a_store_in_use_is_left_as_it_is(store: ConfigStore, odd: str) -> None:
    store.put("org/model", llama())
    store.path.unlink()
    ODD[odd](store.path)
    before = state_of(store.path)
    with no_wait():
        for question in (lambda: store.get("org/model"), lambda: store.put("org/model", llama()), store.list):
            with pytest.raises(StoreError, match="not a regular file"):
                question()
    assert state_of(store.path) == before


def test_an_import_is_read_from_a_file(store: ConfigStore, tmp_path: Path, odd: str) -> None:
    source = tmp_path / "import.json"
    ODD[odd](source)
    with no_wait(), pytest.raises(StoreError) as caught:
        store.import_file(source)
    assert caught.value.next_step
    assert not store.path.exists()


def test_an_import_may_be_named_by_a_link(store: ConfigStore, tmp_path: Path) -> None:
    other = ConfigStore(tmp_path / "other.json")
    other.put("org/model", llama())
    (tmp_path / "link.json").symlink_to(other.path)
    assert store.import_file(tmp_path / "link.json").added == ("org/model",)


def test_a_file_far_too_large_is_neither_read_nor_replaced(store: ConfigStore) -> None:
    store.path.parent.mkdir()
    with store.path.open("wb") as file:
        file.truncate(10 << 30)  # a sparse file: no disk holds it
    for question in (lambda: store.get("org/model"), lambda: store.put("org/model", llama())):
        with pytest.raises(StoreError, match="too large"):
            question()
    assert store.path.stat().st_size == 10 << 30
    with pytest.raises(StoreError, match="larger than 64 MiB"):
        ConfigStore(store.path.with_name("other.json")).import_file(store.path)


def test_a_store_never_grows_beyond_what_can_be_read(store: ConfigStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("org/small", llama())
    before = store.path.read_bytes()
    monkeypatch.setattr(layout, "MAX_STORE_BYTES", len(before) + 100)
    with pytest.raises(StoreError, match="too large"):
        store.put("org/big", llama(padding="x" * 200))
    assert store.path.read_bytes() == before
    assert ConfigStore(store.path).get("org/small") is not None


def test_of_what_killed_writers_left_only_files_are_swept(store: ConfigStore, odd: str) -> None:
    left = store.path.with_name(".configs.json.1-0123abcd.tmp")
    store.path.parent.mkdir()
    ODD[odd](left)
    os.utime(left, (0, 0), follow_symlinks=False)
    before = state_of(left)
    store.put("org/model", llama())
    assert state_of(left) == before


def test_copies_of_a_damaged_store_leave_alone_what_has_their_name(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    store.put("org/model", llama())
    damaged = store.path.read_bytes().replace(b'"version":1', b'"version":0', 1)
    store.path.write_bytes(damaged)
    aside = store.path.with_name("configs.json.damaged-now")
    ODD[odd](aside)
    before = state_of(aside)
    beside = store._file._beside
    monkeypatch.setattr(store._file, "_beside", lambda name: beside(f"{name.partition('-')[0]}-now"))
    with no_wait(), pytest.warns(UserWarning, match="damaged-now-2"):
        store.put("org/other", llama())
    assert state_of(aside) == before
    assert aside.with_name("configs.json.damaged-now-2").read_bytes() == damaged
