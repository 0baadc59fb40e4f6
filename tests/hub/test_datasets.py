"""The loopback Hub's datasets against the real client: committing, stale parents, pull requests, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, errors, hf_hub_download

from hub.loopback_datasets import Dataset, blob_id
from hub.repos import FINE_GRAINED_TOKEN, MEMBER_TOKEN, NEWCOMER_TOKEN, STALE_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

REPO = "example-org/configs"


@pytest.fixture
def repo(loopback_hub: LoopbackHub) -> str:
    roles = (("member", "write"), ("newcomer", "offer"), ("fine-grained", "read"))
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=roles, aliases=("example-org/old-name",)))
    return REPO


def api(hub: LoopbackHub, token: str | None = MEMBER_TOKEN) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=token or False)


def add(hub: LoopbackHub, token: str = MEMBER_TOKEN, *, path: str = "a.json", content: bytes = b"{}", **more: object):  # noqa: ANN201 - the client's own class
    operations = [CommitOperationAdd(path_in_repo=path, path_or_fileobj=content)]
    return api(hub, token).create_commit(REPO, operations, commit_message="add", repo_type="dataset", **more)


def test_the_roles_are_those_of_the_accounts(loopback_hub: LoopbackHub) -> None:
    assert [api(loopback_hub, token).whoami()["name"] for token in (MEMBER_TOKEN, NEWCOMER_TOKEN)] == [
        "member",
        "newcomer",
    ]


def test_a_commit_is_made_and_read_back(loopback_hub: LoopbackHub, repo: str, tmp_path: Path) -> None:
    made = add(loopback_hub, path="configs/x.json", content=b'{"x": 1}')
    info = api(loopback_hub).dataset_info(repo, files_metadata=True)
    assert info.sha == made.oid
    sizes = {sibling.rfilename: (sibling.size, sibling.blob_id) for sibling in info.siblings}
    assert sizes["configs/x.json"] == (8, blob_id(b'{"x": 1}'))
    place = {"endpoint": loopback_hub.endpoint, "token": MEMBER_TOKEN, "local_dir": tmp_path}
    hf_hub_download(repo, "configs/x.json", repo_type="dataset", **place)
    assert (tmp_path / "configs" / "x.json").read_bytes() == b'{"x": 1}'


def test_the_tree_and_the_history_name_commits_and_authors(loopback_hub: LoopbackHub, repo: str) -> None:
    made = add(loopback_hub, path="configs/x.json")
    (entry,) = api(loopback_hub).list_repo_tree(repo, "configs", repo_type="dataset", expand=True)
    assert (entry.path, entry.last_commit.oid) == ("configs/x.json", made.oid)
    (entry,) = api(loopback_hub).get_paths_info(repo, ["configs/x.json"], repo_type="dataset", expand=True)
    assert entry.last_commit.oid == made.oid
    newest, first = api(loopback_hub).list_repo_commits(repo, repo_type="dataset")
    assert (newest.commit_id, newest.authors, first.authors) == (made.oid, ["member"], ["system"])
    with pytest.raises(errors.RemoteEntryNotFoundError):
        list(api(loopback_hub).list_repo_tree(repo, "nothing", repo_type="dataset"))


def test_a_stale_parent_is_refused_with_412(loopback_hub: LoopbackHub, repo: str) -> None:
    parent = api(loopback_hub).dataset_info(repo).sha
    add(loopback_hub, path="first.json", parent_commit=parent)
    with pytest.raises(errors.HfHubHTTPError, match="A commit has happened since") as caught:
        add(loopback_hub, path="second.json", parent_commit=parent)
    assert caught.value.response.status_code == 412
    assert [path for path, _ in loopback_hub.datasets.get(repo).head.files] == [".gitattributes", "first.json"]


def test_a_file_can_be_deleted_and_an_unchanged_one_makes_no_commit(loopback_hub: LoopbackHub, repo: str) -> None:
    made = add(loopback_hub)
    assert add(loopback_hub).oid == made.oid
    operations = [CommitOperationDelete(path_in_repo="a.json")]
    api(loopback_hub).create_commit(repo, operations, commit_message="delete", repo_type="dataset")
    assert not api(loopback_hub).file_exists(repo, "a.json", repo_type="dataset")


def test_a_pull_request_leaves_the_main_branch_as_it_is(loopback_hub: LoopbackHub, repo: str) -> None:
    before = api(loopback_hub).dataset_info(repo).sha
    with pytest.raises(errors.HfHubHTTPError, match="create_pr=1"):
        add(loopback_hub, NEWCOMER_TOKEN)
    made = add(loopback_hub, NEWCOMER_TOKEN, create_pr=True)
    assert made.pr_url == f"{loopback_hub.endpoint}/datasets/{repo}/discussions/1"
    assert made.pr_num == 1
    assert api(loopback_hub).dataset_info(repo).sha == before
    assert dict(loopback_hub.datasets.get(repo).pull_requests[0].head.files)["a.json"] == b"{}"


def test_a_pull_request_is_listed_and_takes_more_commits_of_its_author(loopback_hub: LoopbackHub, repo: str) -> None:
    add(loopback_hub, NEWCOMER_TOKEN, create_pr=True)
    added = add(loopback_hub, NEWCOMER_TOKEN, path="b.json", revision="refs/pr/1")
    ask = api(loopback_hub, NEWCOMER_TOKEN)
    wanted = {"author": "newcomer", "discussion_type": "pull_request", "discussion_status": "open"}
    (listed,) = ask.get_repo_discussions(repo, repo_type="dataset", **wanted)
    assert (listed.num, listed.author, listed.status, listed.title) == (1, "newcomer", "open", "add")
    info = ask.dataset_info(repo, revision="refs/pr/1")
    assert info.sha == added.oid
    assert {"a.json", "b.json"} <= {sibling.rfilename for sibling in info.siblings}
    history = [commit.commit_id for commit in ask.list_repo_commits(repo, repo_type="dataset", revision="refs/pr/1")]
    assert history[0] == added.oid
    assert ask.dataset_info(repo).sha in history[1:]
    with pytest.raises(errors.HfHubHTTPError) as caught:
        add(loopback_hub, FINE_GRAINED_TOKEN, path="c.json", revision="refs/pr/1")
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("more", [{}, {"create_pr": True}], ids=["commit", "pull request"])
def test_who_may_only_read_writes_nothing(loopback_hub: LoopbackHub, repo: str, more: dict[str, bool]) -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        add(loopback_hub, FINE_GRAINED_TOKEN, **more)
    assert caught.value.response.status_code == 403
    assert len(loopback_hub.datasets.get(repo).commits) == 1


def test_outsiders_dont_learn_that_a_private_one_exists(loopback_hub: LoopbackHub) -> None:
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=(("member", "write"),)))
    with pytest.raises(errors.RepositoryNotFoundError):
        api(loopback_hub, NEWCOMER_TOKEN).dataset_info(REPO)
    for token, words in ((None, "Invalid username or password"), (STALE_TOKEN, "Invalid credentials")):
        with pytest.raises(errors.HfHubHTTPError, match=words) as caught:
            api(loopback_hub, token).dataset_info(REPO)
        assert caught.value.response.status_code == 401


def test_an_old_name_leads_to_the_new_one(loopback_hub: LoopbackHub, repo: str) -> None:
    assert api(loopback_hub).dataset_info("example-org/old-name", files_metadata=True).id == repo
