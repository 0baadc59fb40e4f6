"""The saved configs as a person handles them: searched, edited, looked back at, forgotten, exported and imported.

In a file of its own, so that a worker has one server and one browser for it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hub.repos import GATED_CONFIGS, GEMMA_3_4B_IT, LLAMA_3_1_8B, LLAMA_3_1_70B, MISTRAL_7B_V0_3, QWEN_2_5_0_5B
from playwright.sync_api import expect

from budsim_widgets.store import ConfigStore
from ui.conftest import SCREENSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

    from ui.lab import Notebook, PanelOnScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LLAMA, LLAMA_70B = "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"
MISTRAL, GEMMA = "mistralai/Mistral-7B-v0.3", "google/gemma-3-4b-it"
HOSTILE = "<img src=x onerror=window.pwned=1>"
WIDTHS = {"wide": 1000, "narrow": 500}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


class SavedOnScreen:
    """The view of saved configs, by what is written on its parts."""

    def __init__(self, panel: PanelOnScreen) -> None:
        self.panel = panel
        self.box = panel.box.locator(".budsim-saved")

    def open(self) -> SavedOnScreen:
        self.panel.button("Saved configs").click()
        expect(self.search).to_be_visible()
        return self

    def button(self, label: str) -> Locator:
        return self.box.get_by_role("button", name=label, exact=True)

    def field(self, label: str) -> Locator:
        return self.box.get_by_label(label, exact=True)

    @property
    def search(self) -> Locator:
        return self.field("Search saved configs")

    @property
    def rows(self) -> Locator:
        return self.box.locator(".budsim-saved-row")

    def row(self, model_id: str) -> Locator:
        return self.rows.filter(has=self.box.page.get_by_role("button", name=model_id, exact=True))

    def find(self, text: str, *, count: int) -> None:
        """Search, and wait for the rows: what unfolds in them is drawn anew with them."""
        self.search.fill(text)
        expect(self.rows).to_have_count(count)

    def unfold(self, model_id: str) -> None:
        self.button(model_id).click()
        expect(self.button("Edit")).to_be_visible()


@pytest.fixture
def store(quickstart: Notebook, store_path: Path) -> ConfigStore:
    """A store with some of everything, written by another process than the notebook's."""
    assert quickstart
    store = ConfigStore(store_path)
    store.put(LLAMA, {**LLAMA_3_1_8B, "num_hidden_layers": 16})
    store.put(LLAMA, LLAMA_3_1_8B)
    store.put(LLAMA_70B, LLAMA_3_1_8B, is_verified=False, published_parameters=70_553_706_496)
    store.put(MISTRAL, MISTRAL_7B_V0_3, contributor="imported from team.json")
    store.put(GEMMA, GEMMA_3_4B_IT, source_format="python", contributor=f"jane {HOSTILE}")
    for number in range(9):
        store.put(f"example/model-{number}", {**QWEN_2_5_0_5B, "num_hidden_layers": 12 + number})
    return store


@pytest.fixture
def saved(panel: PanelOnScreen, store: ConfigStore) -> SavedOnScreen:
    assert store
    return SavedOnScreen(panel).open()


def test_it_lists_what_is_kept_and_compares_with_the_hub(saved: SavedOnScreen) -> None:
    expect(saved.rows).to_have_count(10)
    expect(saved.box).to_contain_text("1 to 10 of 13 saved configs")
    saved.button("Next").click()
    expect(saved.row(LLAMA)).to_contain_text("8.03B")
    expect(saved.row(LLAMA)).to_contain_text("verified")
    expect(saved.row(LLAMA_70B)).to_contain_text("differs")
    expect(saved.row(MISTRAL)).to_contain_text("imported from team.json")


def test_searching_and_using_one(saved: SavedOnScreen) -> None:
    saved.search.press_sequentially("llama 8b")
    expect(saved.rows).to_have_count(1)
    saved.unfold(LLAMA)
    saved.button("Use this model").click()
    expect(saved.box).to_be_hidden()
    expect(saved.panel.field("Model")).to_have_value(LLAMA)
    saved.panel.button("Calculate memory").click()
    expect(saved.panel.result).to_contain_text("8.03B parameters")


def test_an_edit_passes_the_checks_of_a_paste(saved: SavedOnScreen, store: ConfigStore) -> None:
    saved.find("llama", count=2)
    saved.unfold(LLAMA)
    saved.button("Edit").click()
    box = saved.field("Config of this model")
    expect(box).to_have_value(re.compile("hidden_size"))  # before it is there, what is typed stands beside it
    wrong = json.dumps({**LLAMA_3_1_8B, "hidden_size": "wide"}, indent=2)
    box.fill(wrong)
    saved.button("Save changes").click()
    expect(saved.box.locator(".budsim-alert")).to_contain_text("hidden_size")
    expect(box).to_have_value(wrong)
    box.fill(json.dumps({**LLAMA_3_1_8B, "num_hidden_layers": 30}, indent=2))
    saved.button("Save changes").click()
    expect(saved.box.locator(".budsim-alert")).to_contain_text("It would agree with 32 layers in place of 30")
    expect(saved.row(LLAMA)).to_contain_text("differs")
    expect(box).to_be_hidden()
    stored = store.get(LLAMA)
    assert stored is not None
    assert (stored.version, stored.config["num_hidden_layers"]) == (3, 30)


def test_history_shows_what_changed_and_restores(saved: SavedOnScreen, store: ConfigStore) -> None:
    saved.find("llama", count=2)
    saved.unfold(LLAMA)
    saved.button("History").click()
    changes = saved.box.get_by_role("table", name="What changed in memory")
    expect(changes).to_contain_text("4.54B")
    expect(changes).to_contain_text("8.03B")
    expect(saved.box.get_by_role("table", name="What changed in the config")).to_contain_text("num_hidden_layers")
    saved.button("Restore this version").click()
    expect(saved.box.get_by_text("Version 1 counts again, as version 3.")).to_be_visible()
    expect(saved.row(LLAMA)).to_contain_text("4.54B")
    stored = store.get(LLAMA)
    assert stored is not None
    assert stored.config["num_hidden_layers"] == 16


def test_forgetting_asks_once(saved: SavedOnScreen, store: ConfigStore) -> None:
    saved.find("llama", count=2)
    saved.unfold(LLAMA)
    saved.button("Forget").click()
    expect(saved.box.get_by_text("and its 1 earlier version?")).to_be_visible()
    saved.button("Keep it").click()
    expect(saved.button("Forget it")).to_be_hidden()
    saved.button("Forget").click()
    saved.button("Forget it").click()
    expect(saved.box.get_by_text(f"The config of {LLAMA} is forgotten.")).to_be_visible()
    expect(saved.rows).to_have_count(1)
    assert store.get(LLAMA) is None
    assert store.get(LLAMA_70B) is not None


def test_what_is_exported_can_be_imported_and_what_is_wrong_in_it_is_named(
    saved: SavedOnScreen, store: ConfigStore, quickstart: Notebook, tmp_path: Path
) -> None:
    saved.button("Export all").click()
    with quickstart.page.expect_download() as download:
        saved.box.get_by_role("link", name="Save budsim-configs").click()
    path = tmp_path / "team.json"
    download.value.save_as(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    configs = content["user_model_configs"].values()
    assert {record["model_id"] for record in configs} >= {LLAMA, MISTRAL, GEMMA}

    for record in configs:
        if record["model_id"] == MISTRAL:
            record["config"]["hidden_size"] = HOSTILE
    path.write_text(json.dumps(content), encoding="utf-8")
    store.delete(LLAMA)
    store.delete(MISTRAL)
    with quickstart.page.expect_file_chooser() as chooser:
        saved.button("Import a file").click()
    chooser.value.set_files(path)
    expect(saved.box.locator(".budsim-status").filter(has_text="1 added")).to_contain_text(LLAMA)
    expect(saved.box.locator(".budsim-alert")).to_contain_text(MISTRAL)
    saved.search.fill("llama-3.1-8b")
    expect(saved.row(LLAMA)).to_contain_text("imported from team.json")


def test_the_config_of_another_model_is_caught_in_the_paste_box(panel: PanelOnScreen) -> None:
    panel.ask(LLAMA_70B)
    panel.paste(json.dumps(LLAMA_3_1_8B))
    warning = panel.alert.filter(has_text="The config describes 8.03B parameters")
    expect(warning).to_contain_text("the Hub publishes 70.55B")
    expect(warning).to_contain_text(f"as many as {LLAMA} has")
    expect(panel.result).to_contain_text("not verified")
    panel.box.screenshot(path=SCREENSHOTS / "saved-wrong-paste.png")


def test_it_is_used_with_the_keyboard_alone(saved: SavedOnScreen, quickstart: Notebook) -> None:
    saved.search.click()
    quickstart.page.keyboard.type("gemma")
    expect(saved.rows).to_have_count(1)
    quickstart.page.keyboard.press("Tab")
    quickstart.page.keyboard.press("Enter")
    expect(saved.button("Edit")).to_be_visible()
    for label in ("Use this model", "Edit", "History", "Export", "Forget"):
        quickstart.page.keyboard.press("Tab")
        expect(saved.button(label)).to_be_focused()


def test_the_text_of_a_config_reaches_no_saved_notebook(saved: SavedOnScreen, quickstart: Notebook) -> None:
    saved.find("gemma", count=1)
    saved.unfold(GEMMA)
    saved.button("Edit").click()
    expect(saved.field("Config of this model")).to_have_value(json.dumps(GEMMA_3_4B_IT, indent=2))
    saved.button("Cancel").click()
    saved.button("Close").click()
    expect(saved.box).to_be_hidden()
    text = quickstart.save()
    assert "application/vnd.jupyter.widget-state+json" in text
    assert "vision_config" not in text


def show_list(saved: SavedOnScreen) -> None:
    saved.button("Next").click()
    saved.button("Previous").click()


def show_editor(saved: SavedOnScreen) -> None:
    saved.find("llama", count=2)
    saved.unfold(LLAMA)
    saved.button("Edit").click()
    expect(saved.field("Config of this model")).to_have_value(re.compile("hidden_size"))
    saved.field("Config of this model").fill(json.dumps({**LLAMA_3_1_8B, "num_key_value_heads": 7}, indent=2))
    saved.button("Save changes").click()
    expect(saved.box.locator(".budsim-alert")).to_be_visible()


def show_history(saved: SavedOnScreen) -> None:
    saved.button("History").click()
    expect(saved.box.get_by_role("table", name="What changed in memory")).to_be_visible()


def show_question(saved: SavedOnScreen) -> None:
    saved.button("Forget").click()
    expect(saved.button("Keep it")).to_be_visible()


def show_files(saved: SavedOnScreen) -> None:
    saved.button(LLAMA).click()
    expect(saved.button("Edit")).to_be_hidden()  # what is below moves up then, from under a click
    saved.button("Export all").click()
    expect(saved.box.get_by_role("link")).to_be_visible()


def test_it_is_whole_in_both_themes_and_in_a_narrow_column(saved: SavedOnScreen, quickstart: Notebook) -> None:
    """Leaves a picture of each state in each theme and width, for a person to look at."""
    assert GATED_CONFIGS[LLAMA_70B] == LLAMA_3_1_70B
    states: tuple[Callable[[SavedOnScreen], None], ...] = (
        *(show_list, show_editor, show_history, show_question, show_files),
    )
    cut_off = []
    SCREENSHOTS.mkdir(exist_ok=True)
    for show in states:
        show(saved)
        for theme, theme_name in THEMES.items():
            quickstart.use_theme(theme_name)
            for width, pixels in WIDTHS.items():
                quickstart.page.set_viewport_size({"width": pixels, "height": 2400})
                name = f"saved-{show.__name__.removeprefix('show_')}-{theme}-{width}"
                saved.box.screenshot(path=SCREENSHOTS / f"{name}.png")
                if saved.box.evaluate("box => box.scrollWidth > box.clientWidth + 1"):
                    cut_off.append(name)
    assert cut_off == []
