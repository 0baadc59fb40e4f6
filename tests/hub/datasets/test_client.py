"""The client of a team's dataset: what it reads and writes, and what each refusal says."""

from __future__ import annotations

import json
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest

from budsim_widgets import errors
from budsim_widgets.hub.datasets.client import DatasetClient
from budsim_widgets.hub.datasets.dataset_ids import parse_repo_id
from budsim_widgets.hub.datasets.responses import read_authors, read_commit, read_last_commits, read_snapshot
from budsim_widgets.hub.transport.deadline import Deadline
from budsim_widgets.hub.transport.parallel import map_within
from hub.loopback_datasets import Dataset, blob_id
from hub.repos import FINE_GRAINED_TOKEN, MEMBER_TOKEN, NEWCOMER_TOKEN, STALE_TOKEN
from hub.scenario import Delay, Drip, Drop, Fault, Hang, Portal, RateLimit, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

REPO = "example-org/configs"
FILE = "configs/x.json"


@pytest.fixture
def team(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> DatasetClient:
    """A client on behalf of `member`, who may write; `newcomer` may offer, `fine-grained` read."""
    roles = (("member", "write"), ("newcomer", "offer"), ("fine-grained", "read"))
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=roles, aliases=("example-org/old-name",)))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    return DatasetClient(timeout_seconds=60)


def files_of(hub: LoopbackHub) -> dict[str, bytes]:
    return dict(hub.datasets.get(REPO).head.files)


def test_a_snapshot_names_the_commit_and_the_files_in_one_request(
    team: DatasetClient, loopback_hub: LoopbackHub
) -> None:
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"{}"})
    snapshot = team.snapshot(REPO)
    assert snapshot.commit == loopback_hub.datasets.get(REPO).head.sha
    assert (snapshot.files[FILE].size_bytes, snapshot.files[FILE].blob_id) == (2, blob_id(b"{}"))
    assert [request.status for request in loopback_hub.requests] == [200]


def test_a_commit_can_be_read_back(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    contents = {FILE: b'{"x": 1}', "configs/y z.json": "é".encode()}
    made = team.commit(team.snapshot(REPO), contents, summary="Share 2 configs")
    assert made.url == f"{loopback_hub.endpoint}/datasets/{REPO}/commit/{made.commit}"
    assert team.read(team.snapshot(REPO), list(contents), max_bytes=100) == contents
    assert loopback_hub.datasets.get(REPO).head.author == "member"
    assert loopback_hub.datasets.get(REPO).head.title == "Share 2 configs"


def test_what_is_read_is_that_of_the_snapshot(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"old"})
    snapshot = team.snapshot(REPO)
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"new"})
    assert team.read(snapshot, [FILE], max_bytes=100) == {FILE: b"old"}


def test_reading_ends_a_byte_after_the_limit(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"x" * 1000})
    assert len(team.read(team.snapshot(REPO), [FILE], max_bytes=10)[FILE]) == 11


def test_a_stale_snapshot_is_a_conflict_and_nothing_is_written(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    snapshot = team.snapshot(REPO)
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"hers"})
    with pytest.raises(errors.TeamConflictError) as caught:
        team.commit(snapshot, {FILE: b"mine"}, summary="Share")
    assert caught.value.status_code == 412
    assert files_of(loopback_hub)[FILE] == b"hers"


def test_who_may_only_read_is_offered_the_pull_request(
    team: DatasetClient, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", NEWCOMER_TOKEN)
    snapshot = team.snapshot(REPO)
    with pytest.raises(errors.TeamAccessError) as caught:
        team.commit(snapshot, {FILE: b"{}"}, summary="Share")
    assert f"share({REPO!r}, as_pull_request=True)" in caught.value.next_step
    offered = team.commit(snapshot, {FILE: b"{}"}, summary="Share", as_pull_request=True)
    assert offered.url == f"{loopback_hub.endpoint}/datasets/{REPO}/discussions/1"
    assert FILE not in files_of(loopback_hub)


def test_a_token_that_may_not_even_open_a_pull_request_is_named(
    team: DatasetClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", FINE_GRAINED_TOKEN)
    with pytest.raises(errors.TeamAccessError, match="may not open a pull request") as caught:
        team.commit(team.snapshot(REPO), {FILE: b"{}"}, summary="Share", as_pull_request=True)
    assert "/settings/tokens" in caught.value.next_step


def test_the_last_author_of_each_file_is_named(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"1", "configs/y.json": b"1"})
    loopback_hub.datasets.push(REPO, "<b>bob</b>", {"configs/y.json": b"2"})
    assert team.authors(team.snapshot(REPO), [FILE, "configs/y.json"]) == {FILE: "jane"}


def test_no_name_is_no_failure(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    snapshot = team.snapshot(REPO)
    loopback_hub.fault = Status()
    assert team.authors(snapshot, [FILE]) == {}


def test_an_old_name_leads_to_the_new_one(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    snapshot = team.snapshot("example-org/old-name")
    assert snapshot.repo_id == REPO
    team.commit(snapshot, {FILE: b"{}"}, summary="Share")
    assert FILE in files_of(loopback_hub)


MISSING = {
    "missing": ("example-org/nothing", MEMBER_TOKEN, "shows no dataset example-org/nothing to the account behind"),
    "missing, nobody logged in": ("example-org/nothing", None, "to someone who isn't logged in"),
    "private, an outsider": ("example-org/hidden", MEMBER_TOKEN, "private to others"),
    "the id of a model": ("Qwen/Qwen2.5-7B", MEMBER_TOKEN, "is a model on the Hub, not a dataset"),
    "the id of a gated model": ("meta-llama/Llama-3.1-8B", None, "is a model on the Hub, not a dataset"),
}


@pytest.mark.parametrize(("repo_id", "token", "words"), MISSING.values(), ids=MISSING)
def test_what_is_not_there_is_told_apart(  # noqa: PLR0913, PLR0917 - the columns of the table
    team: DatasetClient,
    loopback_hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
    repo_id: str,
    token: str | None,
    words: str,
) -> None:
    loopback_hub.datasets.put(Dataset(repo_id="example-org/hidden", roles=(("somebody", "write"),)))
    if token is None:
        monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(errors.TeamNotFoundError) as caught:
        team.snapshot(repo_id)
    assert words in caught.value.message
    assert "--type dataset --private" in caught.value.next_step
    assert "/new-dataset" in caught.value.next_step
    assert (caught.value.repo_id, caught.value.model_id, caught.value.can_paste) == (repo_id, None, False)
    assert "POST" not in {request.method for request in loopback_hub.requests}


def test_a_disabled_one_is_told(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    loopback_hub.datasets.put(Dataset(repo_id=REPO, is_private=False, is_disabled=True))
    with pytest.raises(errors.TeamStoreError, match="has disabled"):
        team.snapshot(REPO)


def test_a_gated_one_is_told(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    loopback_hub.datasets.put(Dataset(repo_id=REPO, is_private=False, is_gated=True))
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"{}"})
    with pytest.raises(errors.TeamAccessError, match="may not read") as caught:
        team.read(team.snapshot(REPO), [FILE], max_bytes=10)
    assert "restricted" in caught.value.message


@pytest.mark.parametrize(("token", "words"), [(STALE_TOKEN, "as invalid"), ("hf_caf\u00e9", "can't be used")])
def test_an_invalid_token_is_told(team: DatasetClient, monkeypatch: pytest.MonkeyPatch, token: str, words: str) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(errors.TokenError, match=words) as caught:
        team.snapshot(REPO)
    assert "/settings/tokens" in caught.value.next_step
    assert "paste" not in caught.value.next_step


def test_nobody_writes_without_a_login(
    team: DatasetClient, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback_hub.datasets.put(Dataset(repo_id=REPO, is_private=False))
    monkeypatch.delenv("HF_TOKEN")
    snapshot = team.snapshot(REPO)
    loopback_hub.reset()
    with pytest.raises(errors.TokenError, match="Nobody is logged in"):
        team.commit(snapshot, {FILE: b"{}"}, summary="Share")
    assert loopback_hub.requests == ()


TROUBLE: dict[str, tuple[Fault, type[errors.HubError], str]] = {
    "rate limit": (RateLimit(seconds=37), errors.RateLimitError, "again in 37 seconds"),
    "down": (Status(code=503), errors.HubUnavailableError, "is down"),
    "a proxy's 403": (Status(code=403), errors.HubUnavailableError, "or a proxy before it"),
    "a proxy's 404": (Status(code=404), errors.HubUnavailableError, "or a proxy before it"),
    "portal": (Portal(), errors.HubUnavailableError, "Something other than a Hub"),
    "portal, redirected": (Portal(is_redirect=True), errors.HubUnavailableError, "Something other than a Hub"),
    "dropped": (Drop(), errors.HubUnavailableError, "broke off"),
    "cut off": (Drop(how="cut"), errors.HubUnavailableError, "broke off"),
    "hanging": (Hang(), errors.HubUnavailableError, "didn't answer within 0.3 seconds"),
    "too slow": (Delay(seconds=60), errors.HubUnavailableError, "didn't answer within 0.3 seconds"),
    "a byte at a time": (Drip(), errors.HubUnavailableError, "didn't answer within 0.3 seconds"),
}


@pytest.mark.parametrize("case", TROUBLE.values(), ids=TROUBLE)
@pytest.mark.parametrize("operation", ["snapshot", "read", "commit"])
def test_connection_errors_are_reported_in_time(
    team: DatasetClient, loopback_hub: LoopbackHub, operation: str, case: tuple[Fault, type[errors.HubError], str]
) -> None:
    fault, expected, words = case
    loopback_hub.datasets.push(REPO, "jane", {FILE: b"{}" * 50})
    snapshot = team.snapshot(REPO)
    loopback_hub.fault = fault
    hurried = DatasetClient(timeout_seconds=0.3)
    operations: dict[str, Callable[[], object]] = {
        "snapshot": lambda: hurried.snapshot(REPO),
        "read": lambda: hurried.read(snapshot, [FILE], max_bytes=1000),
        "commit": lambda: hurried.commit(snapshot, {FILE: b"{}"}, summary="Share"),
    }
    with pytest.raises(expected) as caught:
        operations[operation]()
    assert words in caught.value.message
    assert caught.value.next_step
    assert "paste" not in caught.value.next_step
    assert caught.value.model_id is None


def test_a_lost_answer_to_a_commit_is_safe_to_try_again(team: DatasetClient, loopback_hub: LoopbackHub) -> None:
    snapshot = team.snapshot(REPO)
    loopback_hub.fault = Drop()
    with pytest.raises(errors.HubUnavailableError) as caught:
        team.commit(snapshot, {FILE: b"{}"}, summary="Share")
    assert "What has arrived isn't sent twice." in caught.value.next_step
    assert FILE in files_of(loopback_hub)


def test_offline_mode_asks_nobody(
    team: DatasetClient, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(errors.HubOfflineError) as caught:
        team.snapshot(REPO)
    assert caught.value.next_step == "Unset HF_HUB_OFFLINE and restart the kernel."
    assert loopback_hub.requests == ()


@pytest.mark.parametrize("token", [MEMBER_TOKEN, NEWCOMER_TOKEN, FINE_GRAINED_TOKEN, STALE_TOKEN])
def test_no_error_holds_the_token(
    team: DatasetClient, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    snapshot = team.snapshot(REPO)
    monkeypatch.setenv("HF_TOKEN", token)
    said = repr(vars(team)) + repr(snapshot)
    for fault in (None, Status(code=418, headers=(("X-Error-Message", f"Bearer {token}"),)), Drop(), RateLimit()):
        loopback_hub.fault = fault
        for repo_id in (REPO, "example-org/nothing", "Qwen/Qwen2.5-7B"):
            said += everything_said(lambda repo_id=repo_id: team.snapshot(repo_id))
        said += everything_said(lambda: team.commit(snapshot, {FILE: b"{}"}, summary="Share"))
    assert "RateLimitError" in said
    assert token not in said


def everything_said(ask: Callable[[], object]) -> str:
    try:
        return repr(ask())
    except errors.BudsimError as error:
        frames = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
        shown = (error, error.__context__, error.__cause__, vars(error), error.to_dict(), pickle.dumps(error))
        return "".join([*map(repr, shown), *frames.format()])


@pytest.mark.parametrize(
    "text",
    [
        "my-org/configs",
        " 'my-org/configs' ",
        "datasets/my-org/configs",
        "hf://datasets/my-org/configs@main",
        "https://huggingface.co/datasets/my-org/configs",
        "https://huggingface.co/datasets/my-org/configs/tree/main/configs?x=1",
        "hf.co/datasets/my-org/configs",
    ],
)
def test_ids_as_people_paste_them(text: str) -> None:
    assert parse_repo_id(text) == "my-org/configs"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "configs",
        "a/b/c",
        "spaces/my-org/configs",
        "https://huggingface.co/my-org/configs",
        "https://example.com/datasets/my-org/configs",
        "../../etc/passwd",
        "datasets/../..",
        "my-org/con--figs",
        "my-org/configs\n",
        "my org/configs",
        "hf_" + "a" * 34,
        "my-org/configs?create_pr=1",
        "C:\\configs\\team",
    ],
)
def test_what_is_no_id_is_refused_before_any_request(team: DatasetClient, loopback_hub: LoopbackHub, text: str) -> None:
    if text.strip() != text or "?" in text:  # what surrounds an id is taken off
        assert parse_repo_id(text) == "my-org/configs"
        return
    with pytest.raises(errors.TeamIdError) as caught:
        team.snapshot(text)
    assert "my-org/configs" in caught.value.next_step
    assert "a" * 34 not in str(caught.value)
    assert loopback_hub.requests == ()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"id": "a/b"}', b'{"id": "a/b", "sha": "no"}', b"[" * 9999]
)
def test_what_is_no_repository_is_not_read_as_one(body: bytes) -> None:
    assert read_snapshot(body) is None
    assert read_commit(body, page="https://hub/x", is_pull_request=False) is None
    assert read_authors(body) == {}
    assert read_last_commits(body) == {}


def test_odd_entries_are_left_out() -> None:
    sha = "a" * 40
    snapshot = read_snapshot(
        b'{"id": "a/b", "sha": "%s", "siblings": [1, {"rfilename": 2}, {"rfilename": "x"}]}' % sha.encode()
    )
    assert snapshot is not None
    assert list(snapshot.files) == ["x"]
    assert read_last_commits(b'[1, {"path": "x"}, {"path": "y", "lastCommit": {"id": 1}}]') == {}
    assert read_authors(b'[1, {"id": "x", "authors": []}, {"id": "y", "authors": [{"user": "a<b>"}]}]') == {}


@pytest.mark.parametrize(
    "url", ["https://elsewhere/pr/1", "javascript:alert(1)", "https://[", "https://hub/\u202e", None]
)
def test_an_address_that_leads_elsewhere_is_not_repeated(url: str | None) -> None:
    body = json.dumps({"commitOid": "a" * 40, "pullRequestUrl": url}).encode()
    made = read_commit(body, page="https://hub/datasets/a/b/discussions", is_pull_request=True)
    assert made is not None
    assert made.url == "https://hub/datasets/a/b/discussions"


def test_many_at_once_keep_their_order_and_stop_at_the_first_error() -> None:
    assert map_within(Deadline(5), lambda number: number * 2, range(100)) == list(range(0, 200, 2))
    seen: list[int] = []

    def work(number: int) -> float:
        seen.append(number)
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        map_within(Deadline(5), work, [0, *range(1, 10_000)], threads=1)
    assert len(seen) < 10_000


def test_many_at_once_end_with_the_deadline() -> None:
    with pytest.raises(TimeoutError):
        map_within(Deadline(0), str, [1])
