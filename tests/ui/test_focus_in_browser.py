"""The panel by the keyboard alone: every state is walked, no state keeps the focus or lets it fall to the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect

from budsim_widgets.store import ConfigStore
from ui.walking import go_to, walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from ui.lab import PanelOnScreen

pytestmark = pytest.mark.browser

SMALLER = {**LLAMA_3_1_8B, "num_hidden_layers": 16}
LLAMA, PUBLIC, MISSING = "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B", "example/no-such-model"
KEPT = "zz/kept"


class Hands:
    """A person who has nothing but keys.

    Args:
        panel: What they use.
    """

    def __init__(self, panel: PanelOnScreen) -> None:
        self.panel = panel
        self.page: Page = panel.box.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """In the place of what stands in the field."""
        self.press("Control+a")
        self.page.keyboard.insert_text(text)

    def go(self, name: str) -> None:
        """From the first field on, once it is there."""
        self.panel.button(name).or_(self.panel.field(name)).first.wait_for()
        self.panel.field("Model").focus()
        go_to(self.page, name)

    def use(self, name: str, key: str = "Enter") -> None:
        """Go to a button, and press it."""
        self.go(name)
        self.press(key)

    def ask(self, model: str) -> None:
        self.panel.field("Model").focus()
        self.write(model)
        self.press("Enter")

    def expect_focus(self) -> None:
        """Somewhere in the panel, and not on the page; it may come a frame later."""
        self.page.wait_for_function("document.activeElement.closest('.budsim-panel') !== null")


def states(hands: Hands) -> Iterator[str]:
    """Goes through all that the panel can show, by keys."""
    yield from states_of_a_model(hands)
    yield from states_of_many(hands)


def states_of_a_model(hands: Hands) -> Iterator[str]:
    panel = hands.panel
    yield "first screen"
    hands.go("Accelerator")
    hands.write("RTX 4090")
    hands.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    yield "result"
    hands.use("Compare precisions", "Space")
    expect(panel.button("Hide precisions")).to_be_visible()
    expect(panel.box.locator(".budsim-precision-table table")).to_be_visible()
    yield "precisions"
    hands.ask(LLAMA)
    expect(panel.paste_box).to_be_focused()
    yield "gate"
    panel.paste_box.focus()
    hands.write(json.dumps(LLAMA_3_1_8B)[:300])
    hands.press("Control+Enter")
    expect(panel.alert).to_contain_text("cut off")
    hands.expect_focus()
    yield "refusal"
    panel.paste_box.focus()
    hands.write(json.dumps(LLAMA_3_1_8B))
    hands.press("Shift+Enter")
    expect(panel.box.locator(".budsim-result")).to_be_focused()
    yield "result after a paste"
    hands.use("Analyze context")
    expect(panel.result).to_contain_text("131,072")
    hands.expect_focus()
    yield "analysis"


def states_of_many(hands: Hands) -> Iterator[str]:
    panel = hands.panel
    hands.go("Models to compare")
    hands.write(f"{PUBLIC}, {LLAMA}, {MISSING}")
    hands.use("Compare models", "Space")
    panel.wait_for_question(MISSING)
    hands.use("Skip this model")
    expect(panel.paste_box).to_be_hidden()
    expect(panel.result).to_contain_text("7.62B")
    hands.expect_focus()
    yield "comparison"
    hands.use("Saved configs")
    expect(panel.button("Saved configs")).to_have_attribute("aria-expanded", "true")
    expect(panel.button(LLAMA).first).to_have_attribute("aria-expanded", "false")
    yield "saved configs"
    hands.use(LLAMA)
    expect(panel.button(LLAMA).first).to_have_attribute("aria-expanded", "true")
    hands.use("History")
    expect(panel.box.locator(".budsim-saved-detail")).to_contain_text("What changed")
    yield "history"
    hands.use("Team", "Space")
    expect(panel.button("Team")).to_have_attribute("aria-expanded", "true")
    yield "team"
    hands.go("Close")
    hands.press("Escape")
    expect(panel.button("Saved configs")).to_be_focused()
    hands.go("Run it")
    hands.press("Tab", "Space")
    hands.use("Calculate fine-tuning")
    expect(panel.result).to_contain_text("LoRA")
    hands.expect_focus()
    yield "training"


def test_every_state_is_walked_to_and_fro_and_shows_where_the_focus_is(panel: PanelOnScreen, store_path: Path) -> None:
    store = ConfigStore(store_path)
    hands = Hands(panel)
    faults: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for state in states(hands):
        if state == "result after a paste":
            store.put(LLAMA, SMALLER)  # a history to look at
        panel.field("Model").focus()
        there = walk(hands.page)
        back = walk(hands.page, "Shift+Tab")
        names[state] = [stop.name for stop in there]
        faults[state] = [f"{stop.name}: {stop}" for stop in there + back if not (stop.is_shown and stop.has_ring)]
        if [stop.number for stop in back][: len(there)] != [stop.number for stop in reversed(there)]:
            faults[state].append(f"other stops on the way back: {[stop.name for stop in back]}")
    assert {state: found for state, found in faults.items() if found} == {}
    assert len(names) == 12
    between = names["result"]
    assert between.index("Go to the result") - between.index("Calculate memory") == 2
    assert "Go to the result" not in names["first screen"]


def test_what_is_done_with_a_saved_config_leaves_the_focus_where_it_was_begun(
    panel: PanelOnScreen, store_path: Path
) -> None:
    store, hands = ConfigStore(store_path), Hands(panel)
    store.put(KEPT, SMALLER)
    for number in range(11):
        store.put(f"example/model-{number}", SMALLER)
    hands.use("Saved configs")
    hands.use("Next")
    expect(panel.button("Previous")).to_be_focused()  # there is no next page: its button takes no focus
    hands.use(KEPT)

    hands.use("Edit")
    config = panel.field("Config of this model")
    expect(config).to_be_focused()
    expect(config).to_have_value(json.dumps(SMALLER, indent=2))
    hands.write(json.dumps(LLAMA_3_1_8B)[:300])
    go_to(hands.page, "Save changes")
    hands.press("Enter")
    expect(config).to_have_attribute("aria-invalid", "true")
    hands.expect_focus()
    config.focus()
    hands.write(json.dumps(LLAMA_3_1_8B))
    go_to(hands.page, "Save changes")
    hands.press("Enter")
    expect(panel.button("Edit")).to_be_focused()

    hands.use("History")
    expect(panel.box.locator(".budsim-saved-detail")).to_contain_text("What changed")
    hands.press("Escape")
    expect(panel.button("Saved configs")).to_be_focused()
    hands.use("Saved configs")
    hands.use(KEPT)
    hands.use("History")
    hands.use("Restore this version")
    expect(panel.button("History")).to_be_focused()
    restored = store.get(KEPT)
    assert restored is not None
    assert (restored.version, restored.config) == (3, SMALLER)

    hands.use("Forget")
    expect(panel.button("Keep it")).to_be_focused()
    hands.press("Shift+Tab", "Enter")
    expect(panel.box.locator(".budsim-saved-row button").first).to_be_focused()
    assert store.get(KEPT) is None


def test_a_button_between_calculating_and_its_result_leads_there(panel: PanelOnScreen) -> None:
    hands = Hands(panel)
    hands.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    hands.use("Calculate memory")
    hands.press("Tab", "Tab")
    expect(panel.button("Go to the result")).to_be_focused()
    hands.press("Enter")
    expect(panel.box.locator(".budsim-result")).to_be_focused()
