"""A random play of four people around one repository: nothing lost, nothing under the wrong name, all agree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from sharing.play import MODELS, TeamPlay

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
        who = self.play.people[person]
        if who.thetas(model_id):
            self.play.share(who, [model_id])

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
    max_examples=12,
    stateful_step_count=16,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller play takes minutes to find, this one is short
    suppress_health_check=list(HealthCheck),
)
