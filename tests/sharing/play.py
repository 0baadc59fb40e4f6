"""A random play: four people with a store, an account and a clock each, around one team's repository.

They edit, go back, forget, delete, share and sync in any order; connections break, and somebody is faster in the middle
of a commit. `TeamPlay` keeps a record of what each of them did, and `check` holds the outcome against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, Literal

from hub.loopback import LoopbackHub
from hub.loopback_datasets import Dataset
from hub.scenario import Account, Drop

from budsim_widgets.actions import Actions
from budsim_widgets.errors import HubError, TeamConflictError
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.sharing import push
from budsim_widgets.sharing.files import path_of
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.exchange.shared_file import read_shared
from budsim_widgets.store.records import clock

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    import pytest

REPO: Final = "example-org/configs"
MODELS: Final = ("org/one", "org/two")
CONFIG: Final[dict[str, Any]] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
}

Role = Literal["write", "offer"]


@dataclass
class Person:
    """Somebody who takes part.

    Attributes:
        name: The account.
        role: What it may do in the repository.
        clock_hours: How far the clock is off.
        actions: The real thing, on a store of this person's own.
        forgotten: Models that the person forgot and didn't take again.
        left_out: Models that this person saw in the repository and that were deleted there since.
        seen: Models that this person saw in the repository.
    """

    name: str
    role: Role
    clock_hours: int
    actions: Actions
    forgotten: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    @property
    def store(self) -> ConfigStore:
        return self.actions.resolver.store

    def thetas(self, model_id: str) -> list[int]:
        """The edits that are kept, by their number; the one that counts first."""
        return [version.config["rope_theta"] for version in self.store.versions(model_id)]


@dataclass(frozen=True)
class Turn:
    """What chance has drawn for one step."""

    person: Person
    other: Person
    model_id: str
    drops: int
    place: int


class TeamPlay:
    """The repository, the four people, and what they did so far.

    Attributes:
        authors: Who made each edit, by its number.
        mentions: What summaries told, as one text.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(push, "_FIRST_PAUSE_SECONDS", 0.01)
        monkeypatch.setattr(push, "_LONGEST_PAUSE_SECONDS", 0.05)
        cast: tuple[tuple[str, Role, int], ...] = (
            ("jane", "write", 0),
            ("bob", "write", 7),
            ("carol", "write", -9),
            ("dan", "offer", 2),
        )
        accounts = tuple(Account(name=name, token=f"hf_{name}") for name, _, _ in cast)
        self.hub = LoopbackHub(accounts=accounts)
        roles = tuple((name, role) for name, role, _ in cast)
        self.hub.datasets.put(Dataset(repo_id=REPO, roles=roles))
        self.hub.start()
        self.people = tuple(
            Person(name, role, hours, self._actions(folder / f"{name}.json")) for name, role, hours in cast
        )
        self.authors: dict[int, str] = {}
        self._seconds = 0

    def _actions(self, path: Path) -> Actions:
        return Actions(Resolver(ConfigStore(path), HubClient(endpoint=self.hub.endpoint)))

    def close(self) -> None:
        self.hub.stop()

    @property
    def files(self) -> dict[str, bytes]:
        return {path: one for path, one in self.hub.datasets.get(REPO).head.files if path.startswith("configs/")}

    def shared(self, model_id: str) -> list[int]:
        content = self.files.get(path_of(model_id))
        return [] if content is None else [one.config["rope_theta"] for one in read_shared(content, name="x")]

    def act_as(self, person: Person) -> None:
        """From now on it is this person's account and clock."""
        self._monkeypatch.setenv("HF_TOKEN", f"hf_{person.name}")
        self._seconds += 1
        now = datetime(2026, 3, 1, tzinfo=timezone.utc) + timedelta(seconds=self._seconds, hours=person.clock_hours)
        self._monkeypatch.setattr(clock, "utc_now", lambda: now)

    def edit(self, person: Person, model_id: str) -> None:
        self.act_as(person)
        number = len(self.authors) + 1
        self.authors[number] = person.name
        person.store.put(model_id, {**CONFIG, "rope_theta": number})
        person.forgotten.discard(model_id)

    def restore(self, person: Person, model_id: str, place: int) -> None:
        self.act_as(person)
        versions = person.store.versions(model_id)
        if versions:
            person.actions.saved.restore(model_id, versions[place % len(versions)].version)

    def forget(self, person: Person, model_id: str) -> None:
        self.act_as(person)
        if person.actions.saved.forget(model_id):
            person.forgotten.add(model_id)

    def delete(self, model_id: str) -> None:
        """Somebody deletes the file on the Hub's page."""
        if path_of(model_id) in self.files:
            self.hub.datasets.push(REPO, "jane", {path_of(model_id): None})
            self._leave_out(model_id)

    def unshare(self, person: Person, model_id: str) -> None:
        """Somebody takes a config out of the repository."""
        if person.role == "write" and path_of(model_id) in self.files:
            self.act_as(person)
            assert person.actions.team.unshare(REPO, [model_id]).removed == (model_id,)
            person.seen.add(model_id)
            self._leave_out(model_id)

    def _leave_out(self, model_id: str) -> None:
        for person in self.people:
            if model_id in person.seen:
                person.left_out.add(model_id)

    def share(self, person: Person, model_ids: list[str] | None = None, *, drops: int = 0) -> None:
        self.act_as(person)
        before = set(self.files)
        try:
            with self._dropping(drops):
                summary = person.actions.team.share(REPO, model_ids=model_ids)
        except (HubError, TeamConflictError):
            assert drops or person.role != "write"
        else:
            for model_id in (*summary.shared, *summary.unchanged):
                assert person.thetas(model_id)[0] in self.shared(model_id), f"{model_id} isn't there"
                person.seen.add(model_id)
                person.left_out.discard(model_id)
        for model_id in model_ids or ():
            person.left_out.discard(model_id)
        for model_id in person.left_out if model_ids is None else ():
            back = path_of(model_id) in self.files and path_of(model_id) not in before
            assert not back, f"{model_id} was deleted and is back"

    def offer(self, person: Person) -> None:
        """A pull request, in the place of a commit."""
        self.act_as(person)
        person.actions.team.share(REPO, as_pull_request=True)

    def merge_offer(self) -> None:
        """The oldest pull request that nothing conflicts with is merged on the Hub's page."""
        repo = self.hub.datasets.get(REPO)
        for place, offered in enumerate(repo.pull_requests):
            if offered.status == "open" and offered.commits[0].parent == repo.head.sha:
                merged = replace(offered, status="merged")
                requests = (*repo.pull_requests[:place], merged, *repo.pull_requests[place + 1 :])
                commits = (*repo.commits, *offered.commits)
                self.hub.datasets.put(replace(repo, commits=commits, pull_requests=requests))
                return

    def sync(self, person: Person, *, drops: int = 0) -> None:
        self.act_as(person)
        kept = {model_id: person.thetas(model_id) for model_id in MODELS}
        try:
            with self._dropping(drops):
                summary = person.actions.team.sync(REPO)
        except HubError:
            assert drops
        else:
            person.seen |= {model_id for model_id in MODELS if path_of(model_id) in self.files} - person.forgotten
            person.left_out -= person.seen & {model_id for model_id in MODELS if path_of(model_id) in self.files}
            self._check_told(person, kept, summary)
        for model_id in MODELS:
            assert set(kept[model_id]) <= set(person.thetas(model_id)), f"{person.name} lost an edit of {model_id}"
            assert not (model_id in person.forgotten and person.thetas(model_id)), f"{model_id} was forgotten"

    def at_random(self, chance: random.Random, steps: int) -> None:
        """So many things that somebody does, the more usual ones more often."""
        usual: dict[Callable[[Turn], None], float] = {
            lambda turn: self.edit(turn.person, turn.model_id): 3,
            lambda turn: self.restore(turn.person, turn.model_id, turn.place): 2,
            lambda turn: self.forget(turn.person, turn.model_id): 0.3,
            lambda turn: self.delete(turn.model_id): 0.3,
            lambda turn: self.unshare(turn.person, turn.model_id): 0.2,
            lambda turn: self.share(turn.person, drops=turn.drops): 3,
            lambda turn: self.share_one(turn.person, turn.model_id): 1,
            lambda turn: self.sync(turn.person, drops=turn.drops): 4,
            lambda turn: self.offer(turn.person): 1,
            lambda _: self.merge_offer(): 2,
            lambda turn: self.meanwhile(turn.person, turn.other, turn.model_id): 1,
        }
        for do in chance.choices([*usual], [*usual.values()], k=steps):
            person, other = chance.sample(self.people, 2)
            do(Turn(person, other, chance.choice(MODELS), chance.choice([0, 0, 0, 1, 2, 3, 4]), chance.randrange(4)))

    def share_one(self, person: Person, model_id: str) -> None:
        """Share a model by its name, which puts back what was deleted."""
        if person.role == "write" and person.thetas(model_id):
            self.share(person, [model_id])

    def meanwhile(self, person: Person, other: Person, model_id: str) -> None:
        """Both edit a model, and the other one shares while the first one's commit is under way."""
        if not person.role == other.role == "write":
            return
        self.edit(person, model_id)
        self.edit(other, model_id)

        def faster(_: object) -> None:
            self.hub.datasets.before_commit = None
            self.share(other, [model_id])
            self.act_as(person)

        self.hub.datasets.before_commit = faster
        self.share(person, [model_id])
        self.hub.datasets.before_commit = None

    def _check_told(self, person: Person, kept: dict[str, list[int]], summary: Any) -> None:
        for model_id, before in kept.items():
            after = person.thetas(model_id)
            if before and after[0] != before[0]:
                author = self.authors[after[0]]
                version = next(
                    one.version for one in person.store.versions(model_id) if one.config["rope_theta"] == before[0]
                )
                assert model_id in summary.message, summary.message
                assert author in summary.message or author == person.name, summary.message
                assert f"restore_config({model_id!r}, {version})" in summary.message, summary.message

    def _dropping(self, count: int) -> _Dropping:
        return _Dropping(self.hub, count)

    def check(self) -> None:
        """When all have synced: all agree, nothing that was ever shared is lost, and every edit has its author."""
        for person in self.people * 2:
            self.sync(person)
        for model_id in MODELS:
            there = self.shared(model_id)
            for person in self.people if there else ():
                if model_id not in person.forgotten:
                    missing = set(there) - set(person.thetas(model_id))
                    assert not missing, f"{person.name} hasn't {missing} of {model_id}"
                    # who may only read may have gone back to an earlier one, and can't tell the others
                    known = list(dict.fromkeys(theta for theta in person.thetas(model_id) if theta in there))
                    is_same = known == there or person.role != "write"
                    assert is_same, f"{person.name} has {known}, there are {there}"
                    assert person.role != "write" or person.thetas(model_id)[0] == there[0]
            self._check_nothing_is_lost(model_id, there)
            self._check_authors(model_id)

    def _check_nothing_is_lost(self, model_id: str, there: list[int]) -> None:
        ever: set[int] = set()
        for commit in self.hub.datasets.get(REPO).commits:
            content = dict(commit.files).get(path_of(model_id))
            if content is None:
                ever = set()  # deleted; what is shared later may be a part of it
                continue
            now = {one.config["rope_theta"] for one in read_shared(content, name="x")}
            assert ever <= now, f"{ever - now} of {model_id} was lost on the way"
            ever |= now
        assert not there or ever <= set(there)

    def _check_authors(self, model_id: str) -> None:
        for person in self.people:
            for version in person.store.versions(model_id):
                author = self.authors[version.config["rope_theta"]]
                expected = {None} if author == person.name else {f"{author} in {REPO}"}
                if author == person.name:
                    expected.add(f"{author} in {REPO}")  # forgotten once, and taken again
                assert version.contributor in expected, f"{version.contributor} for {author}'s, at {person.name}"


class _Dropping:
    """Lets the answer to one of the next requests break off."""

    def __init__(self, hub: LoopbackHub, count: int) -> None:
        self._hub, self._count = hub, count
        self._answer = hub.fault_of

    def __enter__(self) -> None:
        if not self._count:
            return
        left = [self._count]

        def fault_of(path: str) -> Any:
            if path.startswith(("/api/datasets", "/datasets")):
                left[0] -= 1
                if left[0] == 0:
                    return Drop(how="cut")
            return self._answer(path)

        self._hub.fault_of = fault_of  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self._hub.fault_of = self._answer  # type: ignore[method-assign]
