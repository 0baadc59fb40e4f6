"""A repository that is renamed, deleted, closed or made read-only between two requests of one call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback_datasets import Dataset
from hub.repos import LLAMA_3_1_8B, MEMBER_TOKEN, QWEN_2_5_7B

from budsim_widgets import errors
from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.sharing import push
from budsim_widgets.sharing.progress import Progress
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.loopback import LoopbackHub

REPO = "example-org/configs"
NEW_NAME = "example-org/new-name"
MODEL = "org/model"


def renamed(hub: LoopbackHub) -> None:
    repo = hub.datasets.repos.pop(REPO)
    hub.datasets.put(replace(repo, repo_id=NEW_NAME, aliases=(REPO,)))


def closed(hub: LoopbackHub) -> None:
    hub.datasets.put(replace(hub.datasets.get(REPO), roles=()))


def deleted(hub: LoopbackHub) -> None:
    del hub.datasets.repos[REPO]


def read_only(hub: LoopbackHub) -> None:
    hub.datasets.put(replace(hub.datasets.get(REPO), roles=(("member", "read"),)))


@pytest.fixture
def bob(loopback_hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Actions:
    """Bob has an edit of a model that the repository has another edit of."""
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=(("member", "write"),)))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    monkeypatch.setattr(push, "_FIRST_PAUSE_SECONDS", 0.01)
    jane, bob = (
        Actions(Resolver(ConfigStore(tmp_path / f"{name}.json"), HubClient(endpoint=loopback_hub.endpoint)))
        for name in ("jane", "bob")
    )
    jane.resolver.store.put(MODEL, LLAMA_3_1_8B)
    jane.team.share(REPO)
    bob.resolver.store.put(MODEL, QWEN_2_5_7B)
    return bob


def before(hub: LoopbackHub, part: str, change: Callable[[LoopbackHub], None]) -> None:
    """Change the repository when the first request with this in its path comes in."""
    answer = hub.answer
    is_done: list[bool] = []

    def answered(request: Any, token: str | None) -> Any:
        if part in request.path and not is_done:
            is_done.append(True)
            change(hub)
        return answer(request, token)

    hub.answer = answered  # type: ignore[method-assign]


@pytest.mark.parametrize("part", ["/commit/", "/resolve/"])
@pytest.mark.parametrize("action", ["share", "sync"])
def test_a_renamed_repository_is_found_under_its_new_name(
    loopback_hub: LoopbackHub, bob: Actions, action: str, part: str
) -> None:
    before(loopback_hub, part, renamed)
    summary = getattr(bob.team, action)(REPO)
    assert (summary.repo_id, summary.shared) == (NEW_NAME, (MODEL,))
    assert len(loopback_hub.datasets.get(NEW_NAME).commits) == 3


def test_what_was_deleted_stays_deleted_under_a_new_name(loopback_hub: LoopbackHub, bob: Actions) -> None:
    bob.team.sync(REPO)
    renamed(loopback_hub)
    bob.team.unshare(REPO, [MODEL])
    assert bob.team.share(NEW_NAME).deleted == (MODEL,)


@pytest.mark.parametrize("part", ["/commit/", "/resolve/"])
@pytest.mark.parametrize("change", [closed, deleted])
def test_one_that_has_gone_is_said_to_have_been_there(
    loopback_hub: LoopbackHub, bob: Actions, change: Callable[[LoopbackHub], None], part: str
) -> None:
    before(loopback_hub, part, change)
    with pytest.raises(errors.TeamNotFoundError, match="was there a moment ago") as caught:
        bob.team.share(REPO)
    assert "mistyped" not in str(caught.value)
    assert bob.resolver.store.versions(MODEL)[0].config == QWEN_2_5_7B


def test_what_was_taken_over_stays_where_the_edits_here_can_no_longer_be_put_there(
    loopback_hub: LoopbackHub, bob: Actions
) -> None:
    before(loopback_hub, "/commit/", deleted)
    synced = bob.team.sync(REPO)
    assert synced.updated == (MODEL,)
    assert "was there a moment ago" in synced.notices[0]
    assert [one.config for one in bob.resolver.store.versions(MODEL)] == [LLAMA_3_1_8B, QWEN_2_5_7B]


def test_whoever_may_not_delete_there_is_sent_to_its_owner(loopback_hub: LoopbackHub, bob: Actions) -> None:
    read_only(loopback_hub)
    with pytest.raises(errors.TeamAccessError) as caught:
        bob.team.unshare(REPO, [MODEL])
    assert "owner" in caught.value.next_step


@pytest.mark.parametrize("action", ["share", "sync"])
def test_stopped_it_has_changed_nothing(loopback_hub: LoopbackHub, bob: Actions, action: str) -> None:
    told: list[tuple[int, int]] = []
    progress = Progress(lambda *counts: (told.append(counts), progress.stop())[0])
    with pytest.raises(errors.TeamStoppedError):
        getattr(bob.team, action)(REPO, progress=progress)
    assert told == [(1, 1)]
    assert len(loopback_hub.datasets.get(REPO).commits) == 2
    assert [one.config for one in bob.resolver.store.versions(MODEL)] == [QWEN_2_5_7B]
