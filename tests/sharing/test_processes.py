"""A team's repository under real processes: several notebooks that share at once, some of them killed."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hub.loopback_datasets import Dataset
from hub.repos import MEMBER_TOKEN

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.exchange.shared_file import read_shared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.loopback import LoopbackHub

pytestmark = pytest.mark.slow

REPO = "example-org/configs"
WORKER = Path(__file__).with_name("worker.py")
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def team_hub(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> LoopbackHub:
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=(("member", "write"),)))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    return loopback_hub


def start(folder: Path, number: int, rounds: int) -> subprocess.Popen[str]:
    arguments = (str(folder / f"{number}.json"), REPO, str(number), str(rounds))
    return subprocess.Popen(
        [sys.executable, str(WORKER), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
    )


def begin(people: Iterable[subprocess.Popen[str]]) -> None:
    """All at once, when all are ready."""
    for person in people:
        assert person.stdout is not None
        assert person.stdout.readline() == "ready\n", person.communicate()
    for person in people:
        assert person.stdin is not None
        person.stdin.write("go\n")
        person.stdin.flush()


def rest_of(person: subprocess.Popen[str]) -> tuple[str, str]:
    assert person.stdin is not None
    assert person.stdout is not None
    assert person.stderr is not None
    with person.stdin, person.stdout, person.stderr:
        told = person.stdout.read(), person.stderr.read()
    person.wait(timeout=600)
    return told


def let_them_meet(hub: LoopbackHub, number: int) -> None:
    """Answer the first commits only once all have asked for one: one of them is taken, the others come too late."""
    together = threading.Barrier(number)
    turns = itertools.count(1)

    def wait_for_the_others(_: object) -> None:
        if next(turns) <= number:
            together.wait(timeout=600)

    hub.datasets.before_commit = wait_for_the_others


def in_repository(hub: LoopbackHub) -> dict[str, set[float]]:
    """The configs of each model there, the earlier ones too, by their `rope_theta`."""
    found: dict[str, set[float]] = {}
    for path, content in hub.datasets.get(REPO).head.files:
        if path.startswith("configs/"):
            versions = read_shared(content, name=path)
            found[versions[0].model_id] = {version.config["rope_theta"] for version in versions}
    return found


def acknowledged(outputs: Iterable[str]) -> dict[str, set[float]]:
    shared: defaultdict[str, set[float]] = defaultdict(set)
    for line in "".join(outputs).splitlines():
        model_id, theta = line.split()
        shared[model_id].add(float(theta))
    return shared


@pytest.mark.parametrize(("number", "rounds"), [(6, 3)])
def test_processes_that_share_at_once_lose_nothing(
    team_hub: LoopbackHub, tmp_path: Path, number: int, rounds: int
) -> None:
    people = [start(tmp_path, one, rounds) for one in range(number)]
    let_them_meet(team_hub, number)
    begin(people)
    told = [rest_of(person) for person in people]
    assert [person.returncode for person in people] == [0] * number, told
    shared = acknowledged(output for output, _ in told)
    assert in_repository(team_hub) == shared
    assert len(shared) == number * rounds + 1
    assert len(shared["org/common"]) == number * rounds
    assert len(team_hub.datasets.get(REPO).commits) == 1 + number * rounds
    assert [request.status for request in team_hub.requests].count(412) >= number - 1
    newcomer = Actions(Resolver(ConfigStore(tmp_path / "newcomer.json"), HubClient()))
    assert set(newcomer.team.sync(REPO).added) == set(shared)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_processes_killed_while_they_share_lose_nothing_acknowledged(team_hub: LoopbackHub, tmp_path: Path) -> None:
    people = [start(tmp_path, one, rounds=1000) for one in range(6)]
    begin(people)
    outputs = []
    for person in people:
        assert person.stdout is not None
        first = person.stdout.readline() + person.stdout.readline()
        time.sleep(random.uniform(0, 0.3))  # noqa: S311 - no secret
        person.kill()
        outputs.append(first + rest_of(person)[0])
    found = in_repository(team_hub)
    shared = acknowledged(outputs)
    of_all = shared.pop("org/common")  # of which no more than 21 are kept
    assert len(shared) >= len(people)
    assert all(found[model_id] == thetas for model_id, thetas in shared.items())
    assert found["org/common"] & of_all
    again = Actions(Resolver(ConfigStore(tmp_path / "0.json"), HubClient()))
    assert again.team.share(REPO).rejected == ()
