"""The store under real processes: many at once, killed at any moment, read while it is written."""

from __future__ import annotations

import json
import os
import random
import time
from typing import TYPE_CHECKING

import pytest

from budsim_widgets.store import ConfigStore
from store.samples import run_worker, start_worker

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

KILLS = 200
AT_ONCE = 4


@pytest.mark.slow
def test_eight_processes_lose_none_of_400_pastes(path: Path) -> None:
    workers = [start_worker("put", path, f"org-{number}", 50) for number in range(8)]
    acknowledged: set[str] = set()
    for worker in workers:
        output, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0, errors
        acknowledged.update(output.split())
    assert len(acknowledged) == 400
    assert {stored.model_id for stored in ConfigStore(path).list()} == acknowledged


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_writers_killed_at_any_moment_lose_nothing_acknowledged(path: Path) -> None:
    acknowledged: set[str] = set()
    for first in range(0, KILLS, AT_ONCE):
        writers = [start_worker("put", path, f"org-{first + number}", 10_000) for number in range(AT_ONCE)]
        for writer in writers:
            acknowledged |= killed_at_a_random_moment(writer)
        tables = json.loads(path.read_bytes())
        assert acknowledged <= {record["model_id"] for record in tables["user_model_configs"].values()}
    store = ConfigStore(path)
    store.put("org/after", {"hidden_size": 1})
    assert {stored.model_id for stored in store.list()} >= acknowledged
    assert not list(path.parent.glob("*damaged*"))
    assert len(acknowledged) >= KILLS


def killed_at_a_random_moment(writer: subprocess.Popen[str]) -> set[str]:
    assert writer.stdout is not None
    first = writer.stdout.readline()
    time.sleep(random.uniform(0, 0.03))  # noqa: S311 - no secret
    writer.kill()
    rest, errors = writer.communicate()
    assert errors == ""
    # A line that was cut off acknowledges nothing.
    return {line.strip() for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("before syncing", ["org/first"]),
        ("before moving", ["org/first"]),
        ("after moving", ["org/first", "org/second"]),
    ],
)
def test_a_writer_killed_at_a_step_leaves_the_old_or_the_new_content(
    path: Path, step: str, expected: list[str]
) -> None:
    writer = start_worker("die", path, step)
    _, errors = writer.communicate(timeout=60)
    assert writer.returncode == -9, errors
    store = ConfigStore(path, lock_timeout_seconds=1)
    assert [stored.model_id for stored in store.list()] == expected
    assert store.put("org/third", {"hidden_size": 3}).version == 1


@pytest.mark.slow
def test_readers_see_whole_files_in_order_while_another_process_writes(path: Path) -> None:
    readers = [start_worker("watch", path, 300) for _ in range(2)]
    run_worker("count_up", path, 300)
    for reader in readers:
        output, errors = reader.communicate(timeout=60)
        assert output.startswith("fine"), (output, errors)


def test_a_new_process_finds_what_was_pasted(path: Path) -> None:
    run_worker("put", path, "org", 3)
    assert [stored.model_id for stored in ConfigStore(path).list()] == [f"org/model-{number}" for number in range(3)]
