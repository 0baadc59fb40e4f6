"""The view of a team's configs: share, sync, what changed and from whom, conflicts side by side with a choice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hub.loopback_datasets import Dataset
from hub.repos import LLAMA_3_1_8B, LLAMA_3_1_70B, MEMBER_TOKEN, NEWCOMER_TOKEN, QWEN_2_5_7B

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.panel.html.layouts import SHOWN
from budsim_widgets.panel.saved.saved_configs import SavedConfigs
from budsim_widgets.panel.team.team_view import TeamView
from budsim_widgets.panel.team.texts import progress_text, summary_html
from budsim_widgets.resolver import Resolver
from budsim_widgets.sharing.changes import ConfigChange
from budsim_widgets.sharing.summaries import SyncSummary
from budsim_widgets.store import ConfigStore, RejectedConfig
from panel.shown import HOSTILE, assert_harmless, html_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.loopback import LoopbackHub

REPO = "example-org/configs"
MODEL = "org/model"


@pytest.fixture
def person(loopback_hub: LoopbackHub, tmp_path: Path) -> Callable[[str], SavedConfigs]:
    """Gives the saved configs of a person, whose team's repository is filled in."""
    roles = (("member", "write"), ("newcomer", "write"))
    loopback_hub.datasets.put(Dataset(repo_id=REPO, roles=roles))

    def make(name: str) -> SavedConfigs:
        store = ConfigStore(tmp_path / f"{name}.json")
        saved = SavedConfigs(Actions(Resolver(store, HubClient(endpoint=loopback_hub.endpoint))))
        saved.team.repo_input.value = REPO
        return saved

    return make


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on the account is this one."""
    tokens = {"member": MEMBER_TOKEN, "newcomer": NEWCOMER_TOKEN}
    return lambda name: monkeypatch.setenv("HF_TOKEN", tokens[name])


def store_of(saved: SavedConfigs) -> ConfigStore:
    return saved._actions.resolver.store


async def click(view: TeamView, button: Any) -> None:
    button.click()
    await view.idle()


async def test_what_one_person_shares_another_syncs_and_sees_from_whom(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None]
) -> None:
    jane, bob = person("jane"), person("bob")
    store_of(jane).put(MODEL, LLAMA_3_1_8B)
    be("member")
    await click(jane.team, jane.team.share_button)
    assert f"{MODEL} shared in {REPO}" in text_of(jane.team)
    be("newcomer")
    await click(bob.team, bob.team.sync_button)
    assert "1 added" in text_of(bob.team)
    assert f"{MODEL} added member in {REPO}" in text_of(bob.team)
    assert [row.button.description for row in bob.list.rows] == [MODEL], "the list shows it at once"
    assert bob.team.summary.added == (MODEL,)


async def test_two_who_edit_at_once_see_both_edits_and_either_may_choose(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None]
) -> None:
    jane, bob = person("jane"), person("bob")
    store_of(jane).put(MODEL, LLAMA_3_1_8B)
    be("member")
    await click(jane.team, jane.team.share_button)
    be("newcomer")
    await click(bob.team, bob.team.sync_button)
    store_of(jane).put(MODEL, LLAMA_3_1_70B)
    store_of(bob).put(MODEL, QWEN_2_5_7B)
    be("member")
    await click(jane.team, jane.team.sync_button)
    assert jane.team.conflicts == ()
    be("newcomer")
    await click(bob.team, bob.team.sync_button)
    assert "edited at the same time, counts now member" in text_of(bob.team)
    assert "restore_config" not in text_of(bob.team), "there are buttons"
    (conflict,) = bob.team.conflicts
    assert [button.description for button in conflict.buttons] == ["Keep member's", "Take yours"]
    assert "hidden_size 8192 3584" in text_of(conflict)
    assert "Field member's, counts now yours" in text_of(conflict)
    be("member")
    await click(jane.team, jane.team.sync_button)
    (same,) = jane.team.conflicts
    assert [button.description for button in same.buttons] == ["Keep yours", "Take newcomer's"]
    be("newcomer")
    await click(bob.team, conflict.buttons[1])
    assert bob.team.conflicts == ()
    assert f"Chosen for {MODEL}" in text_of(bob.team)
    await click(bob.team, bob.team.sync_button)
    be("member")
    await click(jane.team, jane.team.sync_button)
    assert jane.team.conflicts == ()
    assert store_of(jane).version(MODEL).config == QWEN_2_5_7B


async def test_keeping_the_one_that_counts_decides_too(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None]
) -> None:
    jane, bob = person("jane"), person("bob")
    store_of(jane).put(MODEL, LLAMA_3_1_8B)
    store_of(bob).put(MODEL, QWEN_2_5_7B)
    be("member")
    await click(jane.team, jane.team.share_button)
    be("newcomer")
    await click(bob.team, bob.team.sync_button)
    await click(bob.team, bob.team.conflicts[0].buttons[0])
    await click(bob.team, bob.team.sync_button)
    assert bob.team.conflicts == ()
    be("member")
    await click(jane.team, jane.team.sync_button)
    assert jane.team.conflicts == ()
    assert [one.config for one in store_of(jane).versions(MODEL)] == [LLAMA_3_1_8B, QWEN_2_5_7B]


async def test_conflicts_are_there_again_when_it_is_opened_again(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None]
) -> None:
    jane, bob = person("jane"), person("bob")
    store_of(jane).put(MODEL, LLAMA_3_1_8B)
    store_of(bob).put(MODEL, QWEN_2_5_7B)
    be("member")
    await click(jane.team, jane.team.share_button)
    be("newcomer")
    await click(bob.team, bob.team.sync_button)
    again = person("bob")
    again.team_button.click()
    await again.idle()
    assert len(again.team.conflicts) == 1
    again.team_button.click()
    assert again.team.conflicts == ()


async def test_what_was_forgotten_or_deleted_comes_back_with_a_click(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None], loopback_hub: LoopbackHub
) -> None:
    be("member")
    jane, view = person("jane"), person("jane").team
    store_of(jane).put(MODEL, LLAMA_3_1_8B)
    await click(view, view.share_button)
    store_of(jane).delete(MODEL)
    await click(view, view.sync_button)
    assert "forgotten here and not taken" in text_of(view)
    assert view.again_button.layout.display == SHOWN
    await click(view, view.again_button)
    assert store_of(jane).get(MODEL) is not None
    assert view.again_button.layout.display == "none"
    loopback_hub.datasets.push(REPO, "member", {"configs/org--model.json": None})
    await click(view, view.share_button)
    assert f"{MODEL}: deleted there" in text_of(view)
    await click(view, view.put_back_button)
    assert "configs/org--model.json" in dict(loopback_hub.datasets.get(REPO).head.files)
    assert view.put_back_button.layout.display == "none"


async def test_it_says_how_far_it_is_and_can_be_stopped(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    be("member")
    jane, bob = person("jane"), person("bob")
    for number in range(30):
        store_of(jane).put(f"org/model-{number}", LLAMA_3_1_8B)
    await click(jane.team, jane.team.share_button)
    view = bob.team
    told: list[str] = []
    show_progress = view._show_progress

    def show(progress: Any, text: str) -> None:
        show_progress(progress, text)
        told.append(text)
        assert "<progress" in view._status.value
        progress.stop()

    monkeypatch.setattr(view, "_show_progress", show)
    view.sync_button.click()
    assert view.stop_button.layout.display == SHOWN
    assert view.sync_button.disabled
    await view.idle()
    assert told[0].startswith("Reading the team's configs: 1 of 30")
    assert "Stopped before anything was changed" in text_of(view)
    assert store_of(bob).list() == []
    assert view.stop_button.layout.display == "none"
    assert not view.sync_button.disabled
    view.sync_button.click()
    view.stop_button.click()
    assert "Stopping" in text_of(view)
    await view.idle()
    assert store_of(bob).list() == []


async def test_the_dataset_of_last_time_stands_there_again(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None]
) -> None:
    be("member")
    jane = person("jane")
    await click(jane.team, jane.team.sync_button)
    assert TeamView(jane._actions, changed=lambda: None).repo_input.value == REPO


async def test_what_is_wrong_is_said_with_the_next_step(
    person: Callable[[str], SavedConfigs], be: Callable[[str], None], loopback_hub: LoopbackHub
) -> None:
    be("member")
    jane = person("jane")
    store_of(jane).put(MODEL, LLAMA_3_1_8B)
    jane.team.repo_input.value = "<img src=x onerror=alert(1)>"
    await click(jane.team, jane.team.share_button)
    assert "budsim-alert" in html_of(jane.team)
    assert_harmless(html_of(jane.team))
    repo = loopback_hub.datasets.get(REPO)
    loopback_hub.datasets.put(replace(repo, roles=(("member", "offer"),)))
    jane.team.repo_input.value = REPO
    await click(jane.team, jane.team.share_button)
    assert "Open a pull request" in text_of(jane.team)
    await click(jane.team, jane.team.offer_button)
    assert "as a pull request" in text_of(jane.team)


def test_what_others_wrote_is_shown_as_text() -> None:
    for text in HOSTILE:
        change = ConfigChange(model_id=text, author=text, is_conflict=True, is_replaced=True, version=1)
        summary = SyncSummary(
            repo_id=text, added=(text,), rejected=(RejectedConfig(text, text),), changes=(change,), notices=(text,)
        )
        assert_harmless(summary_html(summary, [(text, text)]))


def test_many_changes_are_counted_not_all_shown() -> None:
    added = [(f"org/model-{number}", None) for number in range(30)]
    html = summary_html(SyncSummary(repo_id=REPO, added=tuple(one for one, _ in added)), added)
    assert html.count("<tr>") < 25
    assert "and 10 more" in html
    assert progress_text(812, 2000) == "Reading the team's configs: 812 of 2,000 …"
