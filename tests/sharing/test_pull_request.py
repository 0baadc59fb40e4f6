"""Who may only read offers pull requests; whoever shares again goes on with the one that is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback_datasets import Commit, Dataset, PullRequest
from hub.repos import LLAMA_3_1_8B, LLAMA_3_1_70B, MEMBER_TOKEN, NEWCOMER_TOKEN, QWEN_2_5_7B

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.hub.datasets.responses import read_account, read_commit_ids, read_pull_requests
from budsim_widgets.resolver import Resolver
from budsim_widgets.sharing.files import path_of
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.exchange.shared_file import read_shared

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

REPO = "example-org/configs"
LLAMA, QWEN = "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B"


class Offering:
    """A person who may read a team's repository, and what its owner finds there."""

    def __init__(self, hub: LoopbackHub, store: ConfigStore) -> None:
        self.hub = hub
        self.actions = Actions(Resolver(store, HubClient(endpoint=hub.endpoint)))
        self.put(LLAMA, LLAMA_3_1_8B)

    def put(self, model_id: str, config: dict[str, Any]) -> None:
        self.actions.resolver.store.put(model_id, config)

    def offer(self) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """The number of the pull request, what it took in now, and what it had already."""
        summary = self.actions.team.share(REPO, as_pull_request=True)
        assert summary.is_pull_request
        assert summary.url is not None
        assert summary.url.startswith(f"{self.hub.endpoint}/datasets/{REPO}/discussions/")
        return int(summary.url.rpartition("/")[2]), summary.shared, summary.waiting

    @property
    def repo(self) -> Dataset:
        return self.hub.datasets.get(REPO)

    def put_repo(self, **changes: Any) -> None:
        self.hub.datasets.put(replace(self.repo, **changes))

    def offered(self, number: int, model_id: str = LLAMA) -> list[dict[str, Any]]:
        content = dict(self.repo.pull_requests[number - 1].head.files)[path_of(model_id)]
        return [version.config for version in read_shared(content, name="x")]


@pytest.fixture
def person(loopback_hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offering:
    roles = (("member", "write"), ("newcomer", "offer"))
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=roles))
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    return Offering(loopback_hub, ConfigStore(tmp_path / "configs.json"))


def test_the_same_is_offered_once(person: Offering) -> None:
    assert person.offer() == (1, (LLAMA,), ())
    assert person.offer() == (1, (), (LLAMA,))
    assert [len(offered.commits) for offered in person.repo.pull_requests] == [1]
    url = f"{person.hub.endpoint}/datasets/{REPO}/discussions/1"
    message = f"Nothing new for {REPO}, 1 waiting in a pull request of yours, {url}."
    assert person.actions.team.share(REPO, as_pull_request=True).message == message


def test_what_is_new_goes_into_the_pull_request_that_is_open(person: Offering) -> None:
    person.offer()
    person.put(LLAMA, LLAMA_3_1_70B)
    person.put(QWEN, QWEN_2_5_7B)
    number, shared, waiting = person.offer()
    assert (number, set(shared), waiting) == (1, {LLAMA, QWEN}, ())
    assert person.offered(1) == [LLAMA_3_1_70B, LLAMA_3_1_8B]
    assert person.offered(1, QWEN) == [QWEN_2_5_7B]
    person.put("org/third", QWEN_2_5_7B)
    number, shared, waiting = person.offer()
    assert (number, shared, set(waiting)) == (1, ("org/third",), {LLAMA, QWEN})
    assert [len(offered.commits) for offered in person.repo.pull_requests] == [3]


def test_what_a_reviewer_changed_in_it_is_merged_not_overwritten(
    person: Offering, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    person.offer()
    reviewed = {**LLAMA_3_1_8B, "rope_theta": 1.0}
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    reviewer = Offering(person.hub, ConfigStore(tmp_path / "reviewer.json"))
    reviewer.put(LLAMA, reviewed)
    files = reviewer.actions.team._files()
    (snapshot,) = (offer.snapshot for offer in _open_pull_requests_of(files, "newcomer", monkeypatch))
    reviewer.actions.saved.export_file(tmp_path / "edited.json", model_ids=[LLAMA])
    files.client.commit(snapshot, {path_of(LLAMA): (tmp_path / "edited.json").read_bytes()}, summary="Mend it")
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    person.put(LLAMA, LLAMA_3_1_70B)
    assert person.offer() == (1, (LLAMA,), ())
    offered = person.offered(1)
    assert len(offered) == 3
    assert offered[0] == reviewed, "it was there first"
    assert LLAMA_3_1_70B in offered
    assert LLAMA_3_1_8B in offered


def _open_pull_requests_of(files: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    from budsim_widgets.hub.datasets import pull_requests  # noqa: PLC0415 - only to ask as somebody else

    with monkeypatch.context() as as_other:
        as_other.setattr(pull_requests, "read_account", lambda _: name)
        return files.client.open_pull_requests(files.snapshot(REPO))


def test_unrelated_changes_of_the_repository_leave_the_offer_as_good_as_it_was(person: Offering) -> None:
    person.offer()
    person.hub.datasets.push(REPO, "jane", {"README.md": b"Ours"})
    assert person.offer() == (1, (), (LLAMA,))


def test_one_that_the_repository_has_left_behind_is_not_gone_on_with(person: Offering) -> None:
    """It might conflict, and then nobody could merge what is new."""
    person.offer()
    person.hub.datasets.push(REPO, "jane", {"README.md": b"Ours"})
    person.put(LLAMA, LLAMA_3_1_70B)
    assert person.offer() == (2, (LLAMA,), ())
    assert person.offered(2) == [LLAMA_3_1_70B, LLAMA_3_1_8B]


@pytest.mark.parametrize("status", ["closed", "merged"])
def test_one_that_is_closed_is_not_gone_on_with(person: Offering, status: Any) -> None:
    person.offer()
    person.put_repo(pull_requests=(replace(person.repo.pull_requests[0], status=status),))
    assert person.offer() == (2, (LLAMA,), ())


def test_what_was_merged_is_there_and_offered_no_more(person: Offering) -> None:
    person.offer()
    offered = person.repo.pull_requests[0]
    person.put_repo(
        commits=(*person.repo.commits, *offered.commits), pull_requests=(replace(offered, status="merged"),)
    )
    summary = person.actions.team.share(REPO, as_pull_request=True)
    assert (summary.unchanged, summary.url, summary.is_pull_request) == ((LLAMA,), None, False)


def test_a_pull_request_of_somebody_else_or_about_something_else_is_left_alone(person: Offering) -> None:
    head = person.repo.head
    others = tuple(
        PullRequest(
            author=author,
            title="Share the config of org/model",
            commits=(Commit(files=(*head.files, (path, b"{}")), author=author, parent=head.sha),),
        )
        for author, path in (("newcomer", "README.md"), ("member", "configs/org--model.json"))
    )
    person.put_repo(pull_requests=others)
    assert person.offer() == (3, (LLAMA,), ())
    assert person.repo.pull_requests[:2] == others


def test_an_owner_who_offers_does_it_once_as_well(person: Offering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    assert [person.offer(), person.offer()] == [(1, (LLAMA,), ()), (1, (), (LLAMA,))]


def test_where_the_hub_lists_none_a_new_one_is_opened(person: Offering) -> None:
    person.offer()
    person.put_repo(lists_pull_requests=False)
    assert person.offer() == (2, (LLAMA,), ())


ODD_LISTS = (
    b"",
    b"[]",
    b'{"discussions": 1}',
    b'{"discussions": [1, {}, {"num": "1"}]}',
    b'{"discussions": [{"num": 1, "isPullRequest": false, "status": "open", "author": {"name": "me"}}]}',
    b'{"discussions": [{"num": 1, "isPullRequest": true, "status": "merged", "author": {"name": "me"}}]}',
    b'{"discussions": [{"num": 1, "isPullRequest": true, "status": "open", "author": {"name": "you"}}]}',
    b'{"discussions": [{"num": true, "isPullRequest": true, "status": "open", "author": {"name": "me"}}]}',
    b'{"discussions": [{"num": "../../x", "isPullRequest": true, "status": "open", "author": {"name": "me"}}]}',
    b"[" * 100_000,
)


@pytest.mark.parametrize("body", ODD_LISTS)
def test_an_odd_answer_names_no_pull_request(body: bytes) -> None:
    assert read_pull_requests(body, author="me") == ()
    assert read_account(body) is None
    assert read_commit_ids(body) == frozenset()
