"""A team's store in a dataset repository: real stores, the real client, and the loopback Hub."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback_datasets import Dataset
from hub.repos import FINE_GRAINED_TOKEN, LLAMA_3_1_8B, LLAMA_3_1_70B, MEMBER_TOKEN, NEWCOMER_TOKEN, QWEN_2_5_7B
from hub.scenario import RateLimit, Status

from budsim_widgets import errors
from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.hub.datasets.client import DatasetClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.sharing import files, push
from budsim_widgets.sharing.files import path_of
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.exchange.shared_file import read_shared, shared_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

REPO = "example-org/configs"
MODEL = "meta-llama/Llama-3.1-8B"
PATH = "configs/meta-llama--llama-3.1-8b.json"


class Team:
    """People with a store each, and their repository."""

    def __init__(self, hub: LoopbackHub, folder: Path) -> None:
        self.hub = hub
        self._folder = folder

    def person(self, name: str) -> Actions:
        store = ConfigStore(self._folder / f"{name}.json")
        return Actions(Resolver(store, HubClient(endpoint=self.hub.endpoint)))

    def as_account(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on requests are made by this account, which may write."""
        repo = self.hub.datasets.get(REPO)
        self.hub.datasets.put(replace(repo, roles=(*repo.roles, (name, "write"))))
        monkeypatch.setenv("HF_TOKEN", {"member": MEMBER_TOKEN, "newcomer": NEWCOMER_TOKEN}[name])

    @property
    def files(self) -> dict[str, bytes]:
        return dict(self.hub.datasets.get(REPO).head.files)

    @property
    def commits(self) -> int:
        return len(self.hub.datasets.get(REPO).commits)

    def configs(self, model_id: str = MODEL) -> list[dict[str, Any]]:
        return [version.config for version in read_shared(self.files[path_of(model_id)], name="x")]

    def push(self, content: bytes, *, path: str = PATH, author: str = "jane") -> None:
        self.hub.datasets.push(REPO, author, {path: content})


@pytest.fixture
def team(loopback_hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    roles = (("member", "write"), ("newcomer", "offer"), ("fine-grained", "read"))
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=roles))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    monkeypatch.setattr(push, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(push, "_LONGEST_PAUSE_SECONDS", 0.1)
    return Team(loopback_hub, tmp_path)


def put(person: Actions, config: dict[str, Any], model_id: str = MODEL) -> None:
    person.resolver.store.put(model_id, config)


def config_of(person: Actions, model_id: str = MODEL) -> dict[str, Any]:
    stored = person.resolver.store.get(model_id)
    assert stored is not None
    return stored.config


def test_a_config_goes_from_one_store_to_the_other(team: Team) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    shared = jane.team.share(REPO)
    assert (shared.shared, shared.url is not None) == ((MODEL,), True)
    assert shared.message == f"{MODEL} shared in {REPO}."
    synced = bob.team.sync(f"https://huggingface.co/datasets/{REPO}")
    assert (synced.added, synced.rejected, synced.shared, synced.notices) == ((MODEL,), (), (), ())
    stored = bob.resolver.store.get(MODEL)
    assert stored is not None
    assert (stored.config, stored.contributor, stored.is_verified) == (LLAMA_3_1_8B, f"member in {REPO}", False)


def test_nothing_of_this_machine_and_no_verification_goes_into_the_repository(team: Team) -> None:
    jane = team.person("jane")
    jane.resolver.store.put(MODEL, LLAMA_3_1_8B, is_verified=True, published_parameters=1, contributor="from a secret")
    jane.team.share(REPO)
    assert b"from a secret" not in team.files[PATH]
    assert b'"is_verified":false' in team.files[PATH]


def test_a_second_share_and_sync_push_nothing_and_ask_once(team: Team) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    put(jane, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
    jane.team.share(REPO)
    bob.team.sync(REPO)
    for action in (jane.team.share, bob.team.share, jane.team.sync, bob.team.sync):
        team.hub.reset()
        summary = action(REPO)
        assert summary.url is None
        assert len(team.hub.requests) == 1
    assert team.commits == 2


def test_all_models_go_in_one_commit_and_unchanged_files_stay(team: Team) -> None:
    jane = team.person("jane")
    for number in range(5):
        put(jane, LLAMA_3_1_8B, f"org/model-{number}")
    assert len(jane.team.share(REPO).shared) == 5
    assert team.commits == 2
    put(jane, LLAMA_3_1_70B, "org/model-3")
    again = jane.team.share(REPO)
    assert (again.shared, len(again.unchanged)) == (("org/model-3",), 4)
    assert b"parentCommit" not in b"".join(team.files.values())


def test_only_the_models_that_are_named_are_shared(team: Team) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    put(jane, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
    assert jane.team.share(REPO, model_ids="qwen/qwen2.5-7b").shared == ("Qwen/Qwen2.5-7B",)
    assert PATH not in team.files
    with pytest.raises(errors.StoreError, match="No config is kept for org/nothing"):
        jane.team.share(REPO, model_ids=["org/nothing"])


def test_the_config_that_came_first_counts_and_the_other_is_history(team: Team) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    put(bob, LLAMA_3_1_70B)
    bob.team.share(REPO)
    jane.team.share(REPO)
    assert team.configs() == [LLAMA_3_1_70B, LLAMA_3_1_8B]
    assert config_of(jane) == LLAMA_3_1_8B, "sharing leaves the store as it is"
    assert jane.team.sync(REPO).updated == (MODEL,)
    assert config_of(jane) == LLAMA_3_1_70B
    assert [version.config for version in jane.resolver.store.history(MODEL)] == [LLAMA_3_1_8B]


def test_sync_puts_back_what_is_newer_here_and_nothing_else(team: Team) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    put(bob, LLAMA_3_1_70B)
    put(bob, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
    synced = bob.team.sync(REPO)
    assert (synced.updated, synced.shared, synced.url is not None) == ((MODEL,), (MODEL,), True)
    assert team.configs() == [LLAMA_3_1_8B, LLAMA_3_1_70B]
    assert path_of("Qwen/Qwen2.5-7B") not in team.files


@pytest.mark.parametrize("token", [NEWCOMER_TOKEN, FINE_GRAINED_TOKEN], ids=["offer", "read"])
def test_without_the_right_to_write_a_pull_request_is_named(
    team: Team, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    put(team.person("jane"), LLAMA_3_1_8B)
    team.person("jane").team.share(REPO)
    monkeypatch.setenv("HF_TOKEN", token)
    bob = team.person("bob")
    put(bob, LLAMA_3_1_70B)
    with pytest.raises(errors.TeamAccessError) as caught:
        bob.team.share(REPO)
    assert "as_pull_request=True" in caught.value.next_step
    synced = bob.team.sync(REPO)
    assert synced.shared == ()
    assert f"share({REPO!r}, model_ids=[{MODEL!r}], as_pull_request=True)" in synced.notices[0]
    assert team.configs() == [LLAMA_3_1_8B]


def test_a_pull_request_leaves_the_repository_as_it_is(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    bob = team.person("bob")
    put(bob, LLAMA_3_1_8B)
    offered = bob.team.share(REPO, as_pull_request=True)
    assert offered.is_pull_request
    assert offered.url == f"{team.hub.endpoint}/datasets/{REPO}/discussions/1"
    assert PATH not in team.files
    assert PATH in dict(team.hub.datasets.get(REPO).pull_requests[0].head.files)


def test_a_colleague_who_was_faster_is_merged(team: Team) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(bob, LLAMA_3_1_8B)
    put(bob, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
    put(jane, LLAMA_3_1_70B)

    def bob_first(_: object) -> None:
        team.hub.datasets.before_commit = None
        bob.team.share(REPO)

    team.hub.datasets.before_commit = bob_first
    jane.team.share(REPO)
    assert 412 in {request.status for request in team.hub.requests}
    assert team.configs() == [LLAMA_3_1_8B, LLAMA_3_1_70B]
    assert path_of("Qwen/Qwen2.5-7B") in team.files


def test_colleagues_who_are_always_faster_end_it_with_nothing_lost(team: Team) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    team.hub.datasets.before_commit = lambda _: team.push(str(team.commits).encode(), path="notes.txt")
    with pytest.raises(errors.TeamConflictError) as caught:
        jane.team.share(REPO)
    assert "as_pull_request=True" in caught.value.next_step
    assert team.files["notes.txt"] == str(team.commits - 1).encode()
    assert config_of(jane) == LLAMA_3_1_8B


def test_eight_people_share_at_once_and_nothing_is_lost(team: Team) -> None:
    """Each has three models of their own, and a version of one that all have."""
    people = [team.person(f"person-{number}") for number in range(8)]
    for number, person in enumerate(people):
        put(person, {**LLAMA_3_1_8B, "rope_theta": 1000.0 + number}, "org/common")
        for own in range(3):
            put(person, {**LLAMA_3_1_8B, "rope_theta": 10.0 * number + own + 1}, f"org/of-{number}-{own}")
    start = threading.Barrier(len(people))

    def share(person: Actions) -> None:
        start.wait(60)
        person.team.share(REPO)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(share, people))
    assert len([path for path in team.files if path.startswith("configs/")]) == 25
    assert {config["rope_theta"] for config in team.configs("org/common")} == {1000.0 + n for n in range(8)}
    assert team.commits == 9
    newcomer = team.person("newcomer")
    assert len(newcomer.team.sync(REPO).added) == 25
    assert len(newcomer.resolver.store.history("org/common")) == 7


HOSTILE = {
    "not JSON": b"<html><script>alert(1)</script>",
    "empty": b"",
    "deep": b"[" * 100_000,
    "a config, not an export": json.dumps(LLAMA_3_1_8B).encode(),
    "no models": b'{"meta": {"1": {"schema_version": 2}}, "user_model_configs": {}}',
    "a newer layout": b'{"meta": {"1": {"schema_version": 99}}, "user_model_configs": {}}',
    "wrong types": b'{"meta": {"1": {"schema_version": 2}}, "user_model_configs": {"1": {"model_id": 7}}}',
    "bytes": bytes(range(256)),
}


def export(model_id: str = MODEL, config: dict[str, Any] = LLAMA_3_1_8B, **changes: Any) -> bytes:
    record = {
        "model_id": model_id,
        "submitted_at": "2026-01-01T00:00:00+00:00",
        "updated_at": "2026-01-01T00:00:00+00:00",
        "version": 1,
        "source_format": "json",
        "is_verified": True,
        "published_parameters": 1,
        "contributor": "<script>alert(1)</script>",
        "config": config,
        "history": [],
        **changes,
    }
    tables = {"meta": {"1": {"schema_version": 2}}, "user_model_configs": {"1": record}}
    return json.dumps(tables).encode()


HOSTILE |= {
    "another model": export("org/other"),
    "a path as id": export("../../etc/passwd"),
    "a page as id": export("<img src=x onerror=alert(1)>"),
    "a time outside of the calendar": export(updated_at="0001-01-01T00:00:00+23:59"),
    "no config": export(config={"model_type": "llama"}),
    "a token": export(config={**LLAMA_3_1_8B, "note": "hf_" + "a" * 34}),
    "a deep config": export(config={**LLAMA_3_1_8B, "deep": json.loads("[" * 80 + "]" * 80)}),
    "an absurd size": export(config={**LLAMA_3_1_8B, "num_hidden_layers": 10**12}),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_invalid_is_listed_and_left_out_and_left_alone(team: Team, content: bytes) -> None:
    team.push(content)
    team.push(export("org/good"), path=path_of("org/good"))
    jane = team.person("jane")
    synced = jane.team.sync(REPO)
    assert synced.added == ("org/good",)
    assert len(synced.rejected) == 1
    assert "a" * 34 not in repr(synced)
    put(jane, LLAMA_3_1_70B)
    shared = jane.team.share(REPO)
    assert shared.shared == ()
    assert [entry.model_id for entry in shared.rejected] == [MODEL]
    assert "fix or delete it" in shared.rejected[0].reason
    assert team.files[PATH] == content


def test_contributors_are_the_hubs_accounts_not_what_files_or_commits_say(team: Team) -> None:
    team.push(export(), author="<script>alert(1)</script>")
    jane = team.person("jane")
    jane.team.sync(REPO)
    stored = jane.resolver.store.get(MODEL)
    assert stored is not None
    assert (stored.contributor, stored.is_verified, stored.published_parameters) == (REPO, False, None)


def test_files_of_others_are_nobodys_business(team: Team) -> None:
    for path in ("README.md", "configs/README.md", "data/x.json", "configs/../x.txt"):
        team.push(b"anything", path=path)
    for path in ("configs/Upper.json", "configs/a/b.json", "configs/../../x.json", "configs/\u202e.json"):
        team.push(export(), path=path)
    synced = team.person("jane").team.sync(REPO)
    assert (synced.added, len(synced.rejected)) == ((), 4)
    assert "\u202e" not in repr(synced.rejected)
    assert not any("/resolve/" in request.path for request in team.hub.requests)


def test_a_huge_file_is_not_read(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10_000)
    team.push(export(config={**LLAMA_3_1_8B, "note": "x" * 20_000}))
    synced = team.person("jane").team.sync(REPO)
    assert "larger than" in synced.rejected[0].reason
    assert not any("/resolve/" in request.path for request in team.hub.requests)


def limit_to_what_is_there(team: Team, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    sizes = [len(content) for path, content in team.files.items() if path.startswith("configs/")]
    monkeypatch.setattr(files, limit, len(sizes) if limit == "MAX_FILES" else sum(sizes))


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_TOTAL_BYTES"])
def test_what_a_repository_has_no_room_for_is_refused_before_it_is_written(
    team: Team, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    limit_to_what_is_there(team, monkeypatch, limit)
    before, commits = team.files, team.commits
    put(jane, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
    with pytest.raises(errors.TeamStoreError, match=r"Nothing was shared") as caught:
        jane.team.share(REPO)
    assert "unshare" in caught.value.next_step
    assert (team.files, team.commits) == (before, commits)
    assert team.person("bob").team.sync(REPO).added == (MODEL,), "everybody can still read it"
    assert jane.team.share(REPO, model_ids=[MODEL]).unchanged == (MODEL,)


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_TOTAL_BYTES"])
def test_a_repository_that_holds_too_much_is_read_up_to_the_limit_and_can_be_cleaned(
    team: Team, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    jane = team.person("jane")
    for model_id in ("org/a", "org/b"):
        put(jane, LLAMA_3_1_8B, model_id)
    jane.team.share(REPO)
    limit_to_what_is_there(team, monkeypatch, limit)
    for model_id in ("org/c", "org/d"):
        team.push(export(model_id), path=path_of(model_id))
    bob = team.person("bob")
    synced = bob.team.sync(REPO)
    assert synced.added == ("org/a", "org/b")
    assert "2 of its 4 files were not read" in synced.notices[0]
    assert f"unshare({REPO!r}" in synced.message
    cleaned = bob.team.unshare(REPO, ["org/c", "org/d", "org/nothing"])
    assert (cleaned.removed, cleaned.missing) == (("org/c", "org/d"), ("org/nothing",))
    assert "org/nothing not there" in cleaned.message
    assert bob.team.sync(REPO).notices == ()


def test_a_secret_that_got_into_the_store_never_leaves_it(team: Team) -> None:
    jane = team.person("jane")
    put(jane, {**LLAMA_3_1_8B, "note": "hf_" + "a" * 34})
    put(jane, LLAMA_3_1_8B)
    put(jane, {**QWEN_2_5_7B, "note": "hf_" + "a" * 34}, "Qwen/Qwen2.5-7B")
    shared = jane.team.share(REPO)
    assert shared.shared == (MODEL,)
    assert len(shared.rejected) == 2
    assert "a" * 34 not in repr(shared)
    assert b"a" * 34 not in b"".join(team.files.values())


def test_an_id_that_no_model_can_have_stays_here(team: Team) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B, "my own notes")
    assert [entry.model_id for entry in jane.team.share(REPO).rejected] == ["my own notes"]
    assert team.commits == 1


def test_spellings_of_one_id_share_one_file(team: Team) -> None:
    put(team.person("jane"), LLAMA_3_1_8B)
    put(team.person("bob"), LLAMA_3_1_70B, MODEL.lower())
    team.person("jane").team.share(REPO)
    team.person("bob").team.share(REPO)
    assert team.configs() == [LLAMA_3_1_8B, LLAMA_3_1_70B]


def test_a_config_from_the_future_counts_as_of_now(team: Team) -> None:
    team.push(export(updated_at="2999-01-01T00:00:00+00:00"))
    jane = team.person("jane")
    jane.team.sync(REPO)
    stored = jane.resolver.store.get(MODEL)
    assert stored is not None
    assert stored.updated_at <= datetime.now(timezone.utc) + timedelta(seconds=1)


@pytest.mark.parametrize("action", ["share", "sync"])
def test_the_errors_of_the_hub_leave_the_store_as_it_is(
    team: Team, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    for fault, expected in ((RateLimit(), errors.RateLimitError), (Status(), errors.HubUnavailableError)):
        team.hub.fault = fault
        with pytest.raises(expected):
            getattr(jane.team, action)(REPO)
    team.hub.reset()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(errors.HubOfflineError):
        getattr(jane.team, action)(REPO)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with pytest.raises(errors.TeamNotFoundError, match="is a model on the Hub"):
        getattr(jane.team, action)("Qwen/Qwen2.5-7B")
    with pytest.raises(errors.TeamIdError):
        getattr(jane.team, action)("configs")
    assert config_of(jane) == LLAMA_3_1_8B


def test_without_a_login_a_public_repository_can_be_synced_not_shared(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.hub.datasets.put(Dataset(repo_id=REPO, is_private=False))
    team.push(export())
    monkeypatch.delenv("HF_TOKEN")
    jane = team.person("jane")
    assert jane.team.sync(REPO).added == (MODEL,)
    put(jane, LLAMA_3_1_70B)
    assert "Nobody is logged in" in jane.team.sync(REPO).notices[0]
    with pytest.raises(errors.TokenError):
        jane.team.share(REPO)


def test_an_empty_store_shares_nothing(team: Team) -> None:
    assert "nothing to share" in team.person("jane").team.share(REPO).message
    assert "holds no configs yet" in team.person("jane").team.sync(REPO).message


def test_a_shared_file_can_be_imported_by_hand(team: Team, tmp_path: Path) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    (tmp_path / "team.json").write_bytes(team.files[PATH])
    assert team.person("bob").saved.import_file(tmp_path / "team.json").added == (MODEL,)
    assert shared_bytes([read_shared(team.files[PATH], name="x")]) == team.files[PATH]


def test_a_file_with_a_time_in_the_future_does_not_win_over_later_edits(team: Team) -> None:
    team.push(export(updated_at="2999-01-01T00:00:00+00:00"))
    jane, bob = team.person("jane"), team.person("bob")
    jane.team.sync(REPO)
    put(jane, LLAMA_3_1_70B)
    jane.team.share(REPO)
    bob.team.sync(REPO)
    assert (config_of(jane), config_of(bob)) == (LLAMA_3_1_70B, LLAMA_3_1_70B)
    assert team.configs() == [LLAMA_3_1_70B, LLAMA_3_1_8B]


def test_both_who_edit_at_once_are_told_and_either_edit_can_be_taken_back(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    team.as_account("newcomer", monkeypatch)
    bob.team.sync(REPO)
    put(bob, QWEN_2_5_7B)
    team.as_account("member", monkeypatch)
    put(jane, LLAMA_3_1_70B)
    jane.team.share(REPO)
    team.as_account("newcomer", monkeypatch)
    shared = bob.team.share(REPO)
    assert shared.shared == (MODEL,)
    assert f"{MODEL}: member edited it at the same time: member's counts" in shared.message
    synced = bob.team.sync(REPO)
    assert config_of(bob) == LLAMA_3_1_70B
    assert synced.updated == (MODEL,)
    (change,) = synced.changes
    assert (change.author, change.is_conflict, change.is_replaced, change.is_own) == ("member", True, True, True)
    assert f"restore_config({MODEL!r}, {change.version})" in synced.message
    team.as_account("member", monkeypatch)
    (there,) = jane.team.sync(REPO).changes
    assert (there.author, there.is_conflict, there.is_replaced) == ("newcomer", True, False)
    assert config_of(jane) == LLAMA_3_1_70B
    team.as_account("newcomer", monkeypatch)
    assert change.version is not None
    bob.saved.restore(MODEL, change.version)
    bob.team.share(REPO)
    team.as_account("member", monkeypatch)
    settled = jane.team.sync(REPO)
    assert (config_of(jane), settled.changes[0].is_conflict) == (QWEN_2_5_7B, False)


def test_each_version_keeps_the_name_of_who_made_it(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    jane, bob, carol = team.person("jane"), team.person("bob"), team.person("carol")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    team.as_account("newcomer", monkeypatch)
    bob.team.sync(REPO)
    put(bob, LLAMA_3_1_70B)
    bob.saved.restore(MODEL, 1)
    bob.team.share(REPO)
    carol.team.sync(REPO)
    versions = carol.resolver.store.versions(MODEL)
    assert [(one.config, one.contributor) for one in versions] == [
        (LLAMA_3_1_8B, f"member in {REPO}"),
        (LLAMA_3_1_70B, f"newcomer in {REPO}"),
    ]


def test_a_second_account_of_the_same_person_takes_no_names_away(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    for first, second in (("newcomer", "member"), ("member", "newcomer")):
        put(jane, {**LLAMA_3_1_70B, "rope_theta": float(len(first))}, f"org/by-{first}")
        for account in (first, second):
            team.as_account(account, monkeypatch)
            put(jane, {**LLAMA_3_1_8B, "rope_theta": float(len(account))}, f"org/by-{first}")
            jane.team.share(REPO)
        content = team.files[path_of(f"org/by-{first}")]
        authors = {one.config["rope_theta"]: one.author for one in read_shared(content, name="x")}
        assert authors[float(len(first))] == first


def test_a_name_that_the_hub_did_not_give_is_filled_in_by_a_later_sync(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    with monkeypatch.context() as silent:
        silent.setattr(DatasetClient, "account", lambda *_: None)
        jane.team.share(REPO)
    bob.team.sync(REPO)
    assert bob.saved.list()[0].contributor == REPO
    put(jane, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
    jane.team.share(REPO, model_ids=[MODEL])
    jane.team.sync(REPO)
    bob.team.sync(REPO)
    assert bob.saved.list()[0].contributor == f"member in {REPO}"


def test_what_was_forgotten_stays_forgotten_until_it_is_asked_for(team: Team) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    bob.team.sync(REPO)
    bob.saved.forget(MODEL)
    for _ in range(2):
        synced = bob.team.sync(REPO)
        assert (synced.added, synced.forgotten) == ((), (MODEL,))
        assert f"sync({REPO!r}, model_ids=[{MODEL!r}]) takes again" in synced.message
        assert bob.saved.list() == ()
    put(jane, LLAMA_3_1_70B)
    jane.team.share(REPO)
    assert bob.team.sync(REPO).added == ()
    assert bob.team.sync(REPO, model_ids=MODEL).added == (MODEL,)
    assert bob.team.sync(REPO).kept == (MODEL,)
    bob.saved.forget(MODEL)
    put(bob, LLAMA_3_1_8B)
    assert bob.team.sync(REPO).forgotten == (), "pasted again, it is kept again"


@pytest.mark.parametrize("by", ["hand", "unshare"])
def test_what_was_deleted_is_not_put_back_until_it_is_asked_for(team: Team, by: str) -> None:
    jane, bob = team.person("jane"), team.person("bob")
    put(jane, LLAMA_3_1_8B)
    jane.team.share(REPO)
    bob.team.sync(REPO)
    if by == "hand":
        team.hub.datasets.push(REPO, "jane", {PATH: None})
    else:
        assert "deleted in" in jane.team.unshare(REPO, [MODEL]).message
    for person in (jane, bob):
        put(person, QWEN_2_5_7B, "Qwen/Qwen2.5-7B")
        shared = person.team.share(REPO)
        assert shared.deleted == (MODEL,)
        assert f"share({REPO!r}, model_ids=[{MODEL!r}]) puts back" in shared.message
        synced = person.team.sync(REPO)
        assert synced.deleted == (MODEL,)
        assert config_of(person) == LLAMA_3_1_8B
        assert PATH not in team.files
    assert bob.team.share(REPO, model_ids=[MODEL]).shared == (MODEL,)
    assert jane.team.share(REPO).deleted == ()
    assert PATH in team.files


@pytest.mark.parametrize("model_ids", [5, [5], [None], b"org/model", {"org/model": 1}.items()])
def test_what_names_no_models_is_refused_with_a_sentence(team: Team, model_ids: Any) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    for action in (jane.team.share, jane.team.sync):
        with pytest.raises(errors.ModelIdError, match="model_ids takes the ids of models"):
            action(REPO, model_ids=model_ids)
    assert team.commits == 1


def test_no_model_named_shares_nothing(team: Team) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    assert "No model was named" in jane.team.share(REPO, model_ids=[]).message
    assert "No model was named" in jane.team.sync(REPO, model_ids=[]).message
    assert "No model was named" in jane.team.unshare(REPO, []).message
    assert team.commits == 1


def test_a_model_that_is_named_and_not_there_is_said_so(team: Team) -> None:
    synced = team.person("jane").team.sync(REPO, model_ids=[MODEL])
    assert synced.missing == (MODEL,)
    assert synced.message == f"{REPO}: 1 not there."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"updated_at": "yesterday"}, "`updated_at` is no time"),
        ({"version": "one"}, "`version` is of the wrong type"),
        ({"counter": -1}, "`counter` is out of range"),
        ({"author": 7}, "`author` is of the wrong type"),
        ({"made_from": [7]}, "`made_from` is of the wrong type"),
    ],
)
def test_a_bad_value_in_a_file_is_named(team: Team, changes: dict[str, Any], reason: str) -> None:
    team.push(export(**changes))
    (rejected,) = team.person("jane").team.sync(REPO).rejected
    assert reason in rejected.reason


def test_summaries_are_read_as_sentences_in_a_notebook(team: Team) -> None:
    jane = team.person("jane")
    put(jane, LLAMA_3_1_8B)
    shared, synced = jane.team.share(REPO), jane.team.sync(REPO)
    for summary in (shared, synced):
        assert str(summary) == summary.message
        assert summary._repr_html_() == f"<div><p>{summary.message}</p></div>"
        assert summary._repr_mimebundle_()["text/plain"] == summary.message
    odd = replace(shared, shared=("<script>",))
    assert "<script>" not in odd._repr_html_()


def test_a_store_and_a_repository_of_before_are_read(team: Team) -> None:
    """Records without authors and counters: the history is a line of edits, the newest last."""
    old = {"version": 1, "updated_at": "2025-12-01T00:00:00+00:00", "source_format": "json", "is_verified": False}
    earlier = {**old, "published_parameters": None, "contributor": None, "config": LLAMA_3_1_8B}
    team.push(export(config=LLAMA_3_1_70B, version=2, history=[earlier]))
    jane = team.person("jane")
    assert jane.team.sync(REPO).added == (MODEL,)
    assert [one.config for one in jane.resolver.store.versions(MODEL)] == [LLAMA_3_1_70B, LLAMA_3_1_8B]
    put(jane, QWEN_2_5_7B)
    assert jane.team.share(REPO).changes == ()
    assert team.configs() == [QWEN_2_5_7B, LLAMA_3_1_70B, LLAMA_3_1_8B]
