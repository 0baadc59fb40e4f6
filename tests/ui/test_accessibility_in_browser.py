"""Every state of the panel before axe-core, light and dark, and where no theme of JupyterLab's is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect

import budsim_widgets as bw
from ui import axe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from ui.lab import Notebook, PanelOnScreen

pytestmark = pytest.mark.browser

LLAMA, PUBLIC, MISSING = "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B", "example/no-such-model"
THEMES = {"JupyterLab Dark": axe.COLOURS, "JupyterLab Light": axe.ALL}
PAGES = {
    "dark": "<html lang=en theme=dark><body style='background:#1e1e1e;color:#ccc'>",
    "light": "<html lang=en><body style='background:#fff;color:#333'>",
    "vscode": "<html lang=en><body class=vscode-dark style='background:#1f1f1f;color:#cccccc'>",
}
PLACEHOLDERS = """root => [...root.querySelectorAll('[placeholder]:not([placeholder=""])')].map(field => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const over = ([r, g, b, a = 1], below) => [r, g, b].map((one, at) => one * a + below[at] * (1 - a));
    const luminance = rgb => {
        const linear = one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = rgb.map(one => linear(one / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const backs = [];
    for (let at = field; at; at = at.parentElement) backs.unshift(channels(getComputedStyle(at).backgroundColor));
    const back = backs.reduce((below, colour) => over(colour, below), [255, 255, 255]);
    const text = over(channels(getComputedStyle(field, '::placeholder').color), back);
    const [light, dark] = [luminance(text), luminance(back)].sort((a, b) => b - a);
    return [field.placeholder, (light + 0.05) / (dark + 0.05)];
})"""

RIMS = """() => [...document.querySelectorAll('svg text')].map(letters => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    const luminance = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const linear = one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
        const [r, g, b, a] = [...canvas.getImageData(0, 0, 1, 1).data].map(one => one / 255);
        return a < 1 ? NaN : 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const style = getComputedStyle(letters);
    const [light, dark] = [luminance(style.fill), luminance(style.stroke)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
})"""


def states(panel: PanelOnScreen) -> Iterator[str]:
    """Goes through all that the panel can show."""
    panel.button("Calculate memory").wait_for()
    yield "first screen"
    panel.button("Saved configs").click()
    expect(panel.box.locator(".budsim-saved")).to_be_visible()
    yield "no saved configs"
    panel.button("Saved configs").click()
    panel.field("Accelerator").fill("RTX 4090")
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    yield "result"
    panel.button("Compare precisions").click()
    expect(panel.box.locator(".budsim-precision-table table")).to_be_visible()
    yield "precisions"
    panel.field("Engine").select_option("llama.cpp")
    expect(panel.box.locator(".budsim-glance .budsim-chip-fits")).to_have_count(31)
    yield "many precisions"
    panel.field("Engine").select_option("transformers")
    expect(panel.box.locator(".budsim-glance button")).to_have_count(6)
    panel.ask(MISSING)
    panel.wait_for_question(MISSING)
    yield "no such model, over an earlier result"
    panel.ask(LLAMA)
    panel.wait_for_question(LLAMA)
    yield "gate"
    panel.paste(json.dumps(LLAMA_3_1_8B)[:300])
    expect(panel.alert).to_contain_text("cut off")
    yield "refusal"
    panel.paste(json.dumps(LLAMA_3_1_8B))
    expect(panel.result).to_contain_text("8.03B parameters")
    yield "result after a paste"
    panel.button("Analyze context").click()
    expect(panel.result).to_contain_text("131,072")
    yield "analysis"
    panel.field("Models to compare").fill(f"{PUBLIC}, {LLAMA}, {MISSING}")
    panel.button("Compare models").click()
    panel.wait_for_question(MISSING)
    yield "comparison with a mistyped model"
    panel.button("Skip this model").click()
    expect(panel.paste_box).to_be_hidden()
    expect(panel.result).to_contain_text("7.62B")
    yield "comparison"
    yield from saved_states(panel)
    panel.button("Fine-tune it").click()
    panel.field("Model").fill(PUBLIC)
    panel.button("Calculate fine-tuning").click()
    expect(panel.result).to_contain_text("LoRA")
    yield "training"


def saved_states(panel: PanelOnScreen) -> Iterator[str]:
    """Goes through all that the saved configs can show, and closes them."""
    box = panel.box.locator(".budsim-saved")
    panel.button("Saved configs").click()
    box.get_by_role("button", name=LLAMA).first.click()
    expect(box.locator(".budsim-saved-detail")).to_be_visible()
    yield "saved configs"
    panel.button("Edit").click()
    config = panel.field("Config of this model")
    expect(config).to_have_value(json.dumps(LLAMA_3_1_8B, indent=2))
    config.fill(json.dumps({**LLAMA_3_1_8B, "hidden_size": "wide"}))
    panel.button("Save changes").click()
    expect(panel.alert).to_contain_text("hidden_size")
    yield "editor, refused"
    config.fill(json.dumps({**LLAMA_3_1_8B, "num_hidden_layers": 30}))
    panel.button("Save changes").click()
    expect(panel.alert).to_contain_text("32 layers in place of 30")
    yield "doubtful config"
    panel.button("History").click()
    expect(box.get_by_role("table", name="What changed in memory")).to_be_visible()
    yield "history"
    panel.button("Forget").click()
    expect(panel.button("Keep it")).to_be_visible()
    yield "question before forgetting"
    panel.button("Keep it").click()
    panel.button("Export all").click()
    expect(box.get_by_role("link", name="Save budsim-configs")).to_be_visible()
    panel.button("Team").click()
    expect(panel.field("Dataset of your team")).to_be_visible()
    panel.field("Dataset of your team").fill("example/no-such-dataset")
    panel.button("Sync").click()
    expect(box.locator(".budsim-team .budsim-alert")).to_be_visible()
    yield "team, refused"
    panel.button("Saved configs").click()
    expect(box).to_be_hidden()


def test_no_state_of_the_panel_violates_a_rule_of_axe_in_either_theme(
    quickstart: Notebook, panel: PanelOnScreen
) -> None:
    page = quickstart.page
    axe.prepare(page)
    found: dict[str, list[str]] = {}
    for state in states(panel):
        for theme, rules in THEMES.items():
            quickstart.use_theme(theme)
            found[f"{state}, {theme}"] = axe.violations(page, rules)
            faint = [one for one in panel.box.evaluate(PLACEHOLDERS) if one[1] < 4.5]
            found[f"{state}, {theme}"] += [f"placeholder {text!r}: {ratio:.2f}" for text, ratio in faint]
        if state in {"result", "refusal"}:
            for name, objections in without_jupyterlab(page, panel):
                found[f"{state}, {name} without JupyterLab"] = objections
    assert {state: objections for state, objections in found.items() if objections} == {}
    assert len(found) >= 2 * 17


def without_jupyterlab(page: Page, panel: PanelOnScreen) -> Iterator[tuple[str, list[str]]]:
    """The panel as it stands, on pages that have nothing of JupyterLab's."""
    shown = panel.box.evaluate("box => box.outerHTML")
    other = page.context.new_page()
    for name, beginning in PAGES.items():
        other.set_content(f"<!doctype html>{beginning}<main>{shown}</main>")
        axe.prepare(other)
        yield name, axe.violations(other, axe.COLOURS)
    other.close()


def test_letters_on_bars_have_a_rim_of_another_lightness_on_pages_without_jupyterlab(browser: Browser) -> None:
    """A transparent rim left dark letters on a dark blue."""
    page = browser.new_page()
    report = bw.calculate(LLAMA_3_1_8B)._repr_html_()
    for beginning in PAGES.values():
        page.set_content(f"<!doctype html>{beginning}<main>{report}</main>")
        ratios = page.evaluate(RIMS)
        assert ratios
        assert min(ratios) > 4.5
    page.close()
