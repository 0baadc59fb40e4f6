"""How the panel looks: pictures for a person in `screenshots/`, and what can be checked of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import GATED_CONFIGS, LLAMA_3_1_8B
from playwright.sync_api import expect

from ui.conftest import SCREENSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from ui.lab import Notebook, PanelOnScreen

WIDTHS = {"wide": 1000, "narrow": 500}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
LLAMA, MISTRAL = "meta-llama/Llama-3.1-8B", "mistralai/Mistral-7B-v0.3"
MISSING = "example/no-such-model"


def show_gate(panel: PanelOnScreen) -> None:
    panel.ask(LLAMA)
    panel.paste(json.dumps(LLAMA_3_1_8B, indent=2)[:300])
    expect(panel.box.get_by_role("alert")).to_be_visible()


def show_result(panel: PanelOnScreen) -> None:
    panel.paste(json.dumps(LLAMA_3_1_8B, indent=2))
    expect(panel.result).to_contain_text("8.03B parameters")


def show_analysis(panel: PanelOnScreen) -> None:
    panel.button("Analyze context").click()
    expect(panel.result).to_contain_text("131,072")


def show_comparison(panel: PanelOnScreen) -> None:
    panel.field("Models to compare").fill(f"Qwen/Qwen2.5-7B, {LLAMA}, {MISTRAL}, {MISSING}")
    panel.button("Compare models").click()
    panel.wait_for_question(MISTRAL)
    panel.paste(json.dumps(GATED_CONFIGS[MISTRAL]))
    panel.wait_for_question(MISSING)
    panel.button("Skip this model").click()
    expect(panel.result).to_contain_text("7.25B")


def show_as_on_the_real_hub(panel: PanelOnScreen, endpoint: str) -> None:
    """The addresses that a person would see, in the place of the loopback Hub's."""
    replace = "link => { link.textContent = link.textContent.replace(from, 'https://huggingface.co'); }"
    panel.box.get_by_role("link").evaluate_all(f"(links, from) => links.forEach({replace})", endpoint)


@pytest.mark.slow
def test_it_is_whole_in_both_themes_and_in_a_narrow_column(
    quickstart: Notebook, panel: PanelOnScreen, lab_hub: LoopbackHub
) -> None:
    states: tuple[Callable[[PanelOnScreen], None], ...] = (show_gate, show_result, show_analysis, show_comparison)
    cut_off = []
    SCREENSHOTS.mkdir(exist_ok=True)
    for show in states:
        show(panel)
        show_as_on_the_real_hub(panel, lab_hub.endpoint)
        for theme, theme_name in THEMES.items():
            quickstart.use_theme(theme_name)
            for width, pixels in WIDTHS.items():
                quickstart.page.set_viewport_size({"width": pixels, "height": 2400})
                name = f"{show.__name__.removeprefix('show_')}-{theme}-{width}"
                panel.box.screenshot(path=SCREENSHOTS / f"{name}.png")
                if panel.box.evaluate("box => box.scrollWidth > box.clientWidth + 1"):
                    cut_off.append(name)
    assert cut_off == []
