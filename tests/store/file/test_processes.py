"""The store under real processes: many at once, killed at any moment, read while it is written."""

from __future__ import annotations

import json
import os
import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.store import ConfigStore
from store.samples import PATIENCE_SECONDS, rest_of, run_worker, start_worker

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

KILLS = int(os.environ.get("BUDSIM_TEST_KILLS", "60"))
"""How many writers are killed; 500 take some minutes."""

AT_ONCE = 4
NO_KILL = pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")


@pytest.mark.parametrize(("processes", "pastes"), [(3, 5), pytest.param(16, 100, marks=pytest.mark.slow)])
def test_processes_that_write_at_once_lose_no_paste(path: Path, processes: int, pastes: int) -> None:
    workers = [start_worker("put", path, f"org-{number}", pastes) for number in range(processes)]
    acknowledged: set[str] = set()
    for worker in workers:
        output, errors = worker.communicate(timeout=PATIENCE_SECONDS)
        assert worker.returncode == 0, errors
        acknowledged.update(output.split())
    assert len(acknowledged) == processes * pastes
    assert {stored.model_id for stored in ConfigStore(path).list()} == acknowledged


@NO_KILL
@pytest.mark.parametrize("kills", [4, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_writers_killed_at_any_moment_lose_nothing_acknowledged(path: Path, kills: int) -> None:
    history: list[str] = []
    for first in range(0, kills, AT_ONCE):
        writers = [start_worker("churn", path, f"org-{first + number}") for number in range(AT_ONCE)]
        for writer in writers:
            history += killed_at_a_random_moment(writer)
        found = {record["model_id"]: record["config"]["hidden_size"] for record in records_in(path)}
        allowed = possible_values(history)
        wrong = {
            name: (found.get(name, 0), values) for name, values in allowed.items() if found.get(name, 0) not in values
        }
        assert not wrong, [line for line in history if next(iter(wrong)) in line][-8:]
        assert found.keys() <= allowed.keys()
    store = ConfigStore(path)
    store.put("org/after", {"hidden_size": 1})
    assert sorted(one.model_id for one in store.list()) == sorted([*found, "org/after"])
    assert not list(path.parent.glob("*damaged*"))
    assert sum(line.startswith("done") for line in history) >= kills


def records_in(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_bytes())["user_model_configs"].values())


def possible_values(history: list[str]) -> dict[str, set[int]]:
    """For each model what was acknowledged last, and what was tried since: that may or may not have been done."""
    values: dict[str, set[int]] = {}
    for line in history:
        step, model_id, value = line.split()
        if step == "done":
            values[model_id] = {int(value)}
        else:
            values.setdefault(model_id, {0}).add(int(value))
    return values


def killed_at_a_random_moment(writer: subprocess.Popen[str]) -> list[str]:
    """What it told until it was killed: somewhere in the change after some that it has acknowledged.

    How long to wait follows from how long its last change took: a slow machine only makes it longer. Those that die
    before their first change is made are found in test_every_step.
    """
    assert writer.stdout is not None
    told, last_took_seconds = "", 0.0
    for _ in range(random.randint(1, 4)):  # noqa: S311 - no secret
        began = time.monotonic()
        while (line := writer.stdout.readline()) and not line.startswith("done"):
            told += line
        told += line
        last_took_seconds = time.monotonic() - began
    time.sleep(random.uniform(0, last_took_seconds))  # noqa: S311 - the same
    writer.kill()
    rest, errors = rest_of(writer)
    assert errors == ""
    # A line that was cut off acknowledges nothing.
    return [line.strip() for line in (told + rest).splitlines(keepends=True) if line.endswith("\n")]


def test_a_package_of_the_older_layout_stops_at_the_newer_file_and_loses_nothing(path: Path) -> None:
    older = start_worker("put_as_version_1", path, "older")
    assert older.stdout is not None
    acknowledged = [older.stdout.readline().strip()]
    store = ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)
    store.put("org/newer", {"hidden_size": 1}, contributor="jane")
    content = path.read_bytes()
    output, errors = rest_of(older)
    *rest, message = output.splitlines()
    assert "written by a newer budsim-widgets" in message, errors
    assert path.read_bytes() == content, "left as it is"
    assert {one.model_id for one in store.list()} == {*acknowledged, *rest, "org/newer"}
    (backup,) = path.parent.glob("*.layout-1-backup")
    assert len(json.loads(backup.read_bytes())["user_model_configs"]) == len(acknowledged) + len(rest)


@pytest.mark.parametrize("count", [20, pytest.param(500, marks=pytest.mark.slow)])
def test_readers_see_whole_files_in_order_while_another_process_writes(path: Path, count: int) -> None:
    readers = [start_worker("watch", path, count) for _ in range(2)]
    run_worker("count_up", path, count)
    for reader in readers:
        output, errors = reader.communicate(timeout=PATIENCE_SECONDS)
        assert output.startswith("fine"), (output, errors)


def test_a_new_process_finds_what_was_pasted(path: Path) -> None:
    run_worker("put", path, "org", 3)
    assert [stored.model_id for stored in ConfigStore(path).list()] == [f"org/model-{number}" for number in range(3)]
