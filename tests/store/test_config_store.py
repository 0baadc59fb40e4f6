from __future__ import annotations

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from tinydb import TinyDB

from budsim_widgets.errors import ConfigError, ModelIdError, StoreError
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.records import clock as clock_module
from budsim_widgets.store.records.records import document_id
from budsim_widgets.store.records.versions import MAX_EARLIER_VERSIONS
from store.samples import llama

if TYPE_CHECKING:
    from pathlib import Path

LLAMA = "meta-llama/Llama-3.1-8B"
NOON = datetime(2026, 7, 29, 12, tzinfo=timezone.utc)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    times = {"now": NOON}
    monkeypatch.setattr(clock_module, "utc_now", lambda: times["now"])
    return times


def test_a_new_store_touches_no_disk_until_something_is_put(path: Path) -> None:
    store = ConfigStore(path)
    assert store.get(LLAMA) is None
    assert store.list() == []
    assert store.history(LLAMA) == []
    assert not path.parent.exists()


def test_what_was_put_is_found_by_this_store_and_by_a_new_one(path: Path, store: ConfigStore) -> None:
    put = store.put(LLAMA, llama(), source_format="yaml", is_verified=True, published_parameters=8_030_261_248)
    assert store.get(LLAMA) == put
    assert ConfigStore(path).get(LLAMA) == put
    assert (put.model_id, put.config, put.version) == (LLAMA, llama(), 1)
    assert (put.source_format, put.is_verified, put.published_parameters) == ("yaml", True, 8_030_261_248)
    assert put.submitted_at == put.updated_at
    assert put.submitted_at.tzinfo is timezone.utc


def test_models_are_found_whatever_the_case_of_their_id(store: ConfigStore) -> None:
    store.put(LLAMA, llama())
    assert store.get(LLAMA.upper()) == store.get(f" {LLAMA.lower()} ") == store.get(LLAMA)
    assert store.put(LLAMA.lower(), llama(vocab_size=1)).version == 2
    assert len(store.list()) == 1


def test_the_file_is_private_and_plain_tinydb_reads_it(path: Path, store: ConfigStore) -> None:
    store.put(LLAMA, llama())
    store.catalog.put("Qwen/Qwen3-8B", llama(), "abc")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with TinyDB(path) as database:
        (pasted,) = database.table("user_model_configs").all()
        assert (pasted["model_id"], pasted["config"], pasted["is_verified"]) == (LLAMA, llama(), False)
        assert pasted.doc_id == document_id(LLAMA)
        assert [entry["revision"] for entry in database.table("models")] == ["abc"]
        assert [meta["schema_version"] for meta in database.table("meta")] == [2]


def test_a_second_question_reads_no_disk(store: ConfigStore, path: Path) -> None:
    store.put(LLAMA, llama())
    other = ConfigStore(path)
    for _ in range(3):
        other.get(LLAMA)
        other.get("nobody/knows")
        other.catalog.get(LLAMA)
        other.list()
    assert other.reads == 1


def test_a_store_sees_what_another_one_puts_and_deletes(path: Path) -> None:
    here, there = ConfigStore(path), ConfigStore(path)
    here.put(LLAMA, llama())
    assert there.get(LLAMA) is not None
    there.put(LLAMA, llama(vocab_size=7))
    assert here.put("org/other", llama()).version == 1
    assert [stored.config["vocab_size"] for stored in here.list()] == [7, 128256]
    assert there.delete(LLAMA)
    assert here.get(LLAMA) is None


def test_nothing_handed_out_or_in_is_shared_with_the_store(store: ConfigStore) -> None:
    mine = llama()
    handed_out = [store.put(LLAMA, mine)]
    store.catalog.put(LLAMA, mine, "abc")
    mine["rope_scaling"]["factor"] = 0
    store.put(LLAMA, llama(vocab_size=2))
    handed_out += [store.restore(LLAMA, 1), *store.list(), *store.history(LLAMA)]
    handed_out += [found for found in (store.get(LLAMA), store.set_verified(LLAMA, is_verified=True)) if found]
    catalogued = store.catalog.get(LLAMA)
    assert catalogued is not None
    for config in (*(stored.config for stored in handed_out), catalogued.config):
        config["rope_scaling"]["factor"] = -1
        config.clear()
    stored, catalogued = store.get(LLAMA), store.catalog.get(LLAMA)
    assert stored is not None
    assert catalogued is not None
    assert stored.config == catalogued.config == llama()
    assert [earlier.config for earlier in store.history(LLAMA)] == [llama(vocab_size=2), llama()]


def test_a_resubmission_keeps_the_first_time_and_moves_the_last(store: ConfigStore, clock: dict[str, datetime]) -> None:
    store.put(LLAMA, llama(), source_format="json")
    clock["now"] += timedelta(hours=1)
    second = store.put(LLAMA, llama(vocab_size=2), source_format="yaml")
    assert (second.submitted_at, second.updated_at, second.version) == (NOON, NOON + timedelta(hours=1), 2)
    (first,) = store.history(LLAMA)
    assert (first.submitted_at, first.updated_at, first.version) == (NOON, NOON, 1)
    assert (first.config, first.source_format) == (llama(), "json")


def test_a_key_that_the_new_paste_drops_is_gone(store: ConfigStore) -> None:
    store.put(LLAMA, llama())
    without = llama()
    del without["rope_scaling"]
    store.put(LLAMA, without)
    stored = store.get(LLAMA)
    assert stored is not None
    assert "rope_scaling" not in stored.config


def test_the_same_config_again_is_no_new_version(store: ConfigStore, clock: dict[str, datetime]) -> None:
    store.put(LLAMA, llama(limit=float("inf")), is_verified=True, published_parameters=8)
    clock["now"] += timedelta(hours=1)
    again = store.put(LLAMA, dict(reversed(llama(limit=float("inf")).items())))
    assert (again.version, again.updated_at) == (1, NOON + timedelta(hours=1))
    assert (again.is_verified, again.published_parameters) == (True, 8), "what was known stays known"
    assert store.put(LLAMA, llama(limit=float("inf")), published_parameters=9).is_verified is False
    assert store.history(LLAMA) == []


@pytest.mark.parametrize(("before", "after"), [(1, True), (0, False), (1, 1.0)])
def test_values_that_python_takes_for_equal_are_different_configs(
    store: ConfigStore, before: object, after: object
) -> None:
    store.put(LLAMA, llama(flag=before))
    assert store.put(LLAMA, llama(flag=after)).version == 2


def test_times_never_go_back_with_the_clock(store: ConfigStore, clock: dict[str, datetime]) -> None:
    store.put(LLAMA, llama())
    clock["now"] -= timedelta(days=400)
    second = store.put(LLAMA, llama(vocab_size=2))
    assert (second.submitted_at, second.updated_at) == (NOON, NOON)
    assert store.restore(LLAMA, 1).updated_at == NOON


def test_a_bounded_number_of_earlier_versions_is_kept(store: ConfigStore) -> None:
    for number in range(MAX_EARLIER_VERSIONS + 5):
        store.put(LLAMA, llama(vocab_size=number))
    versions = [earlier.version for earlier in store.history(LLAMA)]
    assert versions == list(range(MAX_EARLIER_VERSIONS + 4, 4, -1))


def test_an_earlier_version_is_restored_as_a_new_one(store: ConfigStore) -> None:
    store.put(LLAMA, llama(), is_verified=True, published_parameters=8)
    store.put(LLAMA, llama(vocab_size=2))
    restored = store.restore(LLAMA.lower(), 1)
    assert (restored.version, restored.config, restored.is_verified) == (3, llama(), True)
    assert store.get(LLAMA) == restored
    assert [earlier.version for earlier in store.history(LLAMA)] == [2, 1]
    assert store.restore(LLAMA, 3).version == 3


@pytest.mark.parametrize("model_id", [LLAMA, "nobody/knows"])
def test_a_version_that_is_not_kept_cannot_be_restored(store: ConfigStore, model_id: str) -> None:
    store.put(LLAMA, llama())
    store.put(LLAMA, llama(vocab_size=2))
    with pytest.raises(StoreError, match="no version 9") as caught:
        store.restore(model_id, 9)
    assert ("2, 1" in caught.value.next_step) is (model_id == LLAMA)


def test_delete_says_whether_there_was_one(store: ConfigStore) -> None:
    store.put(LLAMA, llama())
    store.put(LLAMA, llama(vocab_size=2))
    assert store.delete(LLAMA.upper()) is True
    assert store.delete(LLAMA) is False
    assert store.get(LLAMA) is None
    assert store.history(LLAMA) == []
    assert store.put(LLAMA, llama()).version == 1


def test_verification_is_noted_for_the_version_that_was_compared(store: ConfigStore) -> None:
    first = store.put(LLAMA, llama())
    noted = store.set_verified(LLAMA, is_verified=True, published_parameters=8, version=first.version)
    assert noted == store.get(LLAMA)
    assert noted is not None
    assert (noted.is_verified, noted.published_parameters, noted.updated_at) == (True, 8, first.updated_at)
    store.put(LLAMA, llama(vocab_size=2))
    assert store.set_verified(LLAMA, is_verified=True, published_parameters=8, version=first.version) is None
    assert store.set_verified("nobody/knows", is_verified=True) is None
    stored = store.get(LLAMA)
    assert stored is not None
    assert stored.is_verified is False


def test_the_list_is_in_the_order_of_the_ids(store: ConfigStore) -> None:
    for model_id in ("b/b", "A/a", "a/B"):
        store.put(model_id, llama())
    assert [stored.model_id for stored in store.list()] == ["A/a", "a/B", "b/b"]


def test_catalogue_and_pasted_configs_do_not_meet(store: ConfigStore, clock: dict[str, datetime]) -> None:
    assert store.catalog.get(LLAMA) is None
    entry = store.catalog.put(LLAMA, llama(), "abc")
    assert store.get(LLAMA) is None
    assert store.catalog.get(LLAMA.lower()) == entry
    assert (entry.model_id, entry.config, entry.revision, entry.resolved_at) == (LLAMA, llama(), "abc", clock["now"])
    store.catalog.put(LLAMA, {"model_type": "llama"}, None)
    found = store.catalog.get(LLAMA)
    assert found is not None
    assert (found.config, found.revision) == ({"model_type": "llama"}, None)
    store.delete(LLAMA)
    assert store.catalog.get(LLAMA) == found


@pytest.mark.parametrize("model_id", ["", "  \n"])
def test_a_config_without_a_model_is_refused(store: ConfigStore, model_id: str) -> None:
    with pytest.raises(ModelIdError):
        store.put(model_id, llama())
    with pytest.raises(ModelIdError):
        store.catalog.put(model_id, llama(), None)


@pytest.mark.parametrize("model_id", ["../../etc/passwd", "a\x00b", "{0.__class__}", "\ud800", "ß" * 5000, "ÄÖ/Ü"])
def test_an_id_is_data_whatever_it_holds(store: ConfigStore, path: Path, model_id: str) -> None:
    store.put(model_id, llama())
    stored = ConfigStore(path).get(model_id)
    assert stored is not None
    assert stored.model_id == model_id
    assert [file.name for file in path.parent.iterdir() if "lock" not in file.name] == [path.name]


@pytest.mark.parametrize("config", [["a list"], "text", None, {"a": object()}, {"a": {1, 2}}, {("a",): 1}])
def test_what_json_cannot_hold_is_refused_and_stores_nothing(store: ConfigStore, path: Path, config: Any) -> None:
    with pytest.raises(ConfigError):
        store.put(LLAMA, config)
    assert not path.exists()


@pytest.mark.parametrize("depth", [70, 5000])
def test_a_config_too_deep_to_be_read_again_is_refused(store: ConfigStore, depth: int) -> None:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"a": nested}
    with pytest.raises(ConfigError) as caught:
        store.put(LLAMA, nested)
    assert caught.value.code == "TOO_DEEP"


def test_a_config_that_holds_itself_is_refused(store: ConfigStore) -> None:
    config = llama()
    config["self"] = config
    with pytest.raises(ConfigError):
        store.put(LLAMA, config)


def test_threads_of_one_kernel_lose_nothing(store: ConfigStore, path: Path) -> None:
    store = ConfigStore(path, lock_timeout_seconds=60)

    def submit(number: int) -> int:
        store.put(f"org/model-{number}", llama(vocab_size=number))
        store.put("org/shared", llama(vocab_size=number))
        return sum(store.get(f"org/model-{number}") is not None for _ in range(10))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(submit, range(40))) == [10] * 40
    assert len(ConfigStore(path).list()) == 41
    shared = store.get("org/shared")
    assert shared is not None
    assert shared.version == 40


async def test_the_store_works_from_threads_of_an_event_loop(store: ConfigStore) -> None:
    await asyncio.gather(*(asyncio.to_thread(store.put, f"org/m{number}", llama()) for number in range(10)))
    assert len(await asyncio.to_thread(store.list)) == 10


def test_it_shows_itself_with_its_path_and_configs_stay_out_of_sight(store: ConfigStore, path: Path) -> None:
    assert repr(store) == f"ConfigStore({str(path)!r})"
    assert "rope_scaling" not in repr(store.put(LLAMA, llama()))


def test_from_whom_a_config_came_is_kept_until_it_is_submitted_here(store: ConfigStore) -> None:
    assert store.put(LLAMA, llama(), contributor="jane").contributor == "jane"
    assert store.put(LLAMA, llama(), contributor="joe").contributor == "joe"
    assert store.put(LLAMA, llama()).contributor is None
    assert store.put(LLAMA, llama(), contributor="jane").contributor is None
    assert store.put(LLAMA, llama(vocab_size=2), contributor="jane").contributor == "jane"
    assert [one.contributor for one in store.history(LLAMA)] == [None]
    assert store.restore(LLAMA, 1).contributor is None
