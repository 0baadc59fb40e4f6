"""A team's configs as a person handles them: synced, compared side by side where two edited one, and decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub.loopback_datasets import Dataset
from hub.repos import LLAMA_3_1_8B, LLAMA_3_1_70B, MEMBER_TOKEN, QWEN_2_5_0_5B
from playwright.sync_api import expect

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from ui.lab import PanelOnScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REPO = "example-org/configs"
LLAMA = "meta-llama/Llama-3.1-8B"


@pytest.fixture
def team(lab_hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A public repository, in which a colleague shares an edit of a model and two others."""
    lab_hub.datasets.put(Dataset(repo_id=REPO, roles=(("member", "write"),), is_private=False))
    monkeypatch.setenv("HF_TOKEN", MEMBER_TOKEN)
    colleague = Actions(Resolver(ConfigStore(tmp_path / "colleague.json"), HubClient(endpoint=lab_hub.endpoint)))
    for model_id, config in ((LLAMA, LLAMA_3_1_70B), ("org/one", QWEN_2_5_0_5B), ("org/two", QWEN_2_5_0_5B)):
        colleague.resolver.store.put(model_id, config)
    colleague.team.share(REPO)
    return REPO


def test_what_a_colleague_edited_too_stands_beside_and_is_chosen(
    panel: PanelOnScreen, team: str, store_path: Path
) -> None:
    store = ConfigStore(store_path)
    store.put(LLAMA, LLAMA_3_1_8B)
    panel.button("Saved configs").click()
    panel.button("Team").click()
    panel.field("Dataset of your team").fill(team)
    panel.button("Sync").click()
    view = panel.box.locator(".budsim-team")
    expect(view.get_by_text("2 added, 1 updated")).to_be_visible()
    expect(view.get_by_text("Two edits of")).to_be_visible()
    expect(panel.button("Keep member's")).to_be_visible()
    panel.button("Take yours").click()
    expect(view.get_by_text("Chosen for")).to_be_visible()
    expect(panel.button("Take yours")).to_have_count(0)
    assert store.version(LLAMA).config == LLAMA_3_1_8B
    assert store.history(LLAMA)[0].config == LLAMA_3_1_70B
