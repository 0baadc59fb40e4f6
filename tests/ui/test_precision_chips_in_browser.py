"""The row of precisions by mouse and by keyboard: what a click changes, what is shown while a slider moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ui.walking import go_to

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from ui.lab import Notebook, PanelOnScreen

pytestmark = pytest.mark.browser

PUBLIC = "Qwen/Qwen2.5-7B"
FOCUSED = "document.activeElement.dataset.precision"
# from the first change of a row until its verdicts are there: whether any verdict could be read meanwhile
WATCH = """row => {
    window.seen = [];
    new MutationObserver(() => {
        const isBeingFound = row.classList.contains('budsim-unsettled');
        const words = [...row.querySelectorAll('.budsim-words, .budsim-sign')];
        const isReadable = words.some(one => getComputedStyle(one).visibility === 'visible');
        const isColoured = row.querySelector('.budsim-chip-fits, .budsim-chip-tight, .budsim-chip-not') !== null;
        const isSaid = [...row.children].some(one => one.ariaLabel !== one.dataset.precision || one.title);
        window.seen.push([isBeingFound, isReadable || isColoured || isSaid]);
    }).observe(row, { subtree: true, attributes: true, childList: true, characterData: true });
}"""


@pytest.fixture
def row(panel: PanelOnScreen) -> Locator:
    """The row under a result of llama.cpp, on a card on which half of them fit."""
    panel.field("Accelerator").fill("RTX 4060 8GB")
    panel.field("Engine").select_option("llama.cpp")
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    return panel.box.get_by_role("toolbar", name="Does each precision fit?")


def chip(row: Locator, precision: str) -> Locator:
    return row.locator(f"button[data-precision='{precision}']")


def test_a_click_chooses_a_precision_and_the_answer_follows(panel: PanelOnScreen, row: Locator) -> None:
    expect(panel.result).to_contain_text("Does not fit on one NVIDIA RTX 4060 8GB")
    expect(row.get_by_role("button")).to_have_count(31)
    expect(chip(row, "bf16")).to_have_attribute("aria-pressed", "true")
    chip(row, "Q4_K_M").click()
    expect(panel.field("Precision")).to_have_value("Q4_K_M")
    expect(panel.result).to_contain_text("Fits on one NVIDIA RTX 4060 8GB")
    expect(chip(row, "Q4_K_M")).to_have_attribute("aria-pressed", "true")
    expect(row.locator("[aria-pressed=true]")).to_have_count(1)
    expect(row.locator(".budsim-chip-fits").first).to_contain_text("fits")
    expect(chip(row, "bf16")).to_contain_text("does not fit")
    assert row.evaluate("row => row.offsetHeight") < 250


def test_the_row_is_one_stop_of_the_tab_key_and_letters_are_no_commands(
    quickstart: Notebook, panel: PanelOnScreen, row: Locator
) -> None:
    page = quickstart.page
    panel.field("Model").focus()
    go_to(page, chip(row, "bf16").get_attribute("aria-label") or "")
    for key, expected in {"ArrowRight": "Q8_0", "ArrowDown": "Q6_K", "ArrowLeft": "Q8_0", "Home": "bf16"}.items():
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == expected
    page.keyboard.press("End")
    last = page.evaluate(FOCUSED)
    page.keyboard.press("m")  # in JupyterLab: the cell becomes Markdown, and the panel is gone
    page.keyboard.press("Enter")
    expect(panel.field("Precision")).to_have_value(last)
    expect(chip(row, last)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(FOCUSED) == last, "the focus stays where it is while the answer changes"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) is None
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == last
    assert row.evaluate("row => [...row.children].every(one => one.dataset.lmSuppressShortcuts === 'true')")


def test_while_a_slider_moves_no_verdict_of_an_earlier_length_can_be_read(panel: PanelOnScreen, row: Locator) -> None:
    expect(row.locator(".budsim-chip-fits").first).to_be_visible()
    row.evaluate(WATCH)
    slider = panel.field("Context length, slider")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    expect(row).not_to_have_class("budsim-chips budsim-unsettled")
    expect(row.locator(".budsim-chip-fits").first).to_be_visible()
    seen = row.evaluate("() => window.seen")
    assert any(is_being_found for is_being_found, _ in seen)
    assert not any(is_being_found and is_readable for is_being_found, is_readable in seen)


def test_a_saved_notebook_holds_the_row_as_text_with_colours(quickstart: Notebook, row: Locator) -> None:
    expect(chip(row, "Q4_K_M")).to_contain_text("fits")
    quickstart.page.wait_for_timeout(
        1000
    )  # the output beside the panel is written once nothing has changed for a while
    saved = quickstart.save()
    assert "Does each precision fit?" in saved
    assert saved.count("budsim-chip budsim-chip-") == 31
