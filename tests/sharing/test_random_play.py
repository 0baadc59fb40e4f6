"""A random play of four people around one repository: nothing lost, nothing under the wrong name, all agree."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from sharing.play import MODELS, Person, TeamPlay
from sharing.test_processes import begin, rest_of

ROOT = Path(__file__).parent.parent.parent
PLAYER = Path(__file__).with_name("player.py")

PEOPLE: Final = st.integers(0, 3)
WRITERS: Final = st.integers(0, 2)
A_MODEL: Final = st.sampled_from(MODELS)
DROPS: Final = st.integers(0, 4)


class RandomPlay(RuleBasedStateMachine):
    """One play; each rule is something that a person does."""

    def __init__(self) -> None:
        super().__init__()
        self._monkeypatch = pytest.MonkeyPatch()
        self._monkeypatch.setenv("HF_TOKEN", "")
        self._folder = tempfile.TemporaryDirectory()
        self.play = TeamPlay(Path(self._folder.name), self._monkeypatch)

    @rule(person=PEOPLE, model_id=A_MODEL)
    def edit(self, person: int, model_id: str) -> None:
        self.play.edit(self.play.people[person], model_id)

    @rule(person=PEOPLE, model_id=A_MODEL, place=st.integers(0, 3))
    def restore(self, person: int, model_id: str, place: int) -> None:
        self.play.restore(self.play.people[person], model_id, place)

    @rule(person=PEOPLE, model_id=A_MODEL)
    def forget(self, person: int, model_id: str) -> None:
        self.play.forget(self.play.people[person], model_id)

    @rule(model_id=A_MODEL)
    def delete(self, model_id: str) -> None:
        self.play.delete(model_id)

    @rule(person=PEOPLE, drops=DROPS)
    def share(self, person: int, drops: int) -> None:
        self.play.share(self.play.people[person], drops=drops)

    @rule(person=WRITERS, model_id=A_MODEL)
    def share_one(self, person: int, model_id: str) -> None:
        self.play.share_one(self.play.people[person], model_id)

    @rule(person=PEOPLE, drops=DROPS)
    def sync(self, person: int, drops: int) -> None:
        self.play.sync(self.play.people[person], drops=drops)

    @rule(person=WRITERS, other=WRITERS, model_id=A_MODEL)
    def meanwhile(self, person: int, other: int, model_id: str) -> None:
        if person != other:
            self.play.meanwhile(self.play.people[person], self.play.people[other], model_id)

    def teardown(self) -> None:
        try:
            self.play.check()
        finally:
            self.play.close()
            self._folder.cleanup()
            self._monkeypatch.undo()


TestRandomPlay = RandomPlay.TestCase
TestRandomPlay.settings = settings(
    max_examples=8,
    stateful_step_count=16,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller play takes minutes to find, this one is short
    suppress_health_check=list(HealthCheck),
)


SEEDS: Final = [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 60))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_play_loses_nothing_and_names_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    play = TeamPlay(tmp_path, monkeypatch)
    try:
        play.at_random(random.Random(seed), 60)  # noqa: S311 - no secret
        play.check()
    finally:
        play.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_four_processes_at_once_lose_nothing_and_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    play = TeamPlay(tmp_path, monkeypatch)
    monkeypatch.setenv("HF_ENDPOINT", play.hub.endpoint)
    try:
        started = [start(tmp_path, person, seed * 10 + number) for number, person in enumerate(play.people)]
        begin(started)
        for process, person in zip(started, play.people, strict=True):
            output, complaint = rest_of(process)
            assert process.returncode == 0, complaint
            for what, which in (line.split() for line in output.splitlines()):
                if what == "edit":
                    play.authors[int(which)] = person.name
                else:
                    person.forgotten.add(which)
        for person in play.people:
            person.forgotten -= {one.model_id for one in person.store.list()}
        play.check()
    finally:
        play.close()


def start(folder: Path, person: Person, seed: int) -> subprocess.Popen[str]:
    arguments = (str(folder / f"{person.name}.json"), person.name, str(person.clock_hours), str(seed), "25")
    return subprocess.Popen(
        [sys.executable, str(PLAYER), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "HF_TOKEN": f"hf_{person.name}",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        },
    )
