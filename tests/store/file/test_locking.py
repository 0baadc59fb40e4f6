from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from budsim_widgets.errors import StoreError
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.file.locking import StoreLock
from store.samples import llama, start_worker

if TYPE_CHECKING:
    from pathlib import Path


def test_a_lock_held_elsewhere_is_waited_for_within_bounds_and_its_holder_named(path: Path) -> None:
    ConfigStore(path).put("org/model", llama())
    holder = start_worker("hold", path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    store = ConfigStore(path, lock_timeout_seconds=0.1)
    with pytest.raises(StoreError, match=f"process {holder.pid} on ") as caught:
        store.put("org/other", llama())
    assert "Try again" in caught.value.next_step
    assert store.get("org/model") is not None, "reading needs no lock"
    holder.communicate()
    assert store.put("org/other", llama()).version == 1


def test_a_lock_is_free_as_soon_as_its_holder_dies(path: Path) -> None:
    holder = start_worker("hold", path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate()
    assert ConfigStore(path, lock_timeout_seconds=0.2).put("org/model", llama()).version == 1


def test_a_holder_without_a_name_is_another_process(path: Path) -> None:
    lock = StoreLock(path, timeout_seconds=0.05)
    with lock.held():
        for content in ("", "{}", "[]", '{"pid": "x", "host": 1}'):
            (path.parent / "configs.json.lock-holder").write_text(content)
            with pytest.raises(StoreError, match="another process"):
                ConfigStore(path, lock_timeout_seconds=0.05).put("org/model", llama())


def test_threads_of_one_store_wait_for_each_other_within_bounds(store: ConfigStore) -> None:
    store = ConfigStore(store.path, lock_timeout_seconds=0.05)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with store._file._lock.held():
            entered.set()
            leave.wait()

    (thread := threading.Thread(target=hold)).start()
    entered.wait()
    with pytest.raises(StoreError, match=f"process {os.getpid()} on "):
        store.put("org/model", llama())
    leave.set()
    thread.join()
    store.put("org/model", llama())


def test_a_lock_is_free_after_an_error(store: ConfigStore) -> None:
    with pytest.raises(StoreError):
        store.restore("org/model", 1)
    store.put("org/model", llama())


def test_nothing_of_the_lock_stays_but_an_empty_file(store: ConfigStore) -> None:
    store.put("org/model", llama())
    assert sorted(file.name for file in store.path.parent.iterdir()) == ["configs.json", "configs.json.lock"]
    assert (store.path.parent / "configs.json.lock").read_bytes() == b""


def test_a_name_that_cannot_be_written_keeps_nobody_from_saving(store: ConfigStore) -> None:
    (store.path.parent / "configs.json.lock-holder").mkdir(parents=True)
    assert store.put("org/model", llama()).version == 1


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_wait_of_less_than_nothing_is_refused(path: Path, seconds: float) -> None:
    with pytest.raises(ValueError, match="lock_timeout_seconds"):
        ConfigStore(path, lock_timeout_seconds=seconds)


@pytest.mark.parametrize("seconds", [0, 1e12, float("inf")])
def test_a_wait_may_be_nothing_or_for_ever(path: Path, seconds: float) -> None:
    assert ConfigStore(path, lock_timeout_seconds=seconds).put("org/model", llama()).version == 1
