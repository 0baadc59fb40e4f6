"""From a gated model to its result, as a person goes: the quickstart notebook, in JupyterLab, in Chromium.

All in one file, since the workers share the tests out by file: one server and one browser at a time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import GATED_CONFIGS, GEMMA_3_4B_IT, LLAMA_3_1_8B, MEMBER_TOKEN
from playwright.sync_api import expect

from ui.conftest import SCREENSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from ui.lab import Notebook, PanelOnScreen

pytestmark = pytest.mark.browser

GATED = "google/gemma-3-4b-it"
WRITTEN_PARAMETERS = "4.30B parameters"
WIDTHS = {"wide": 1000, "narrow": 500}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
LLAMA, MISTRAL = "meta-llama/Llama-3.1-8B", "mistralai/Mistral-7B-v0.3"
MISSING = "example/no-such-model"


def test_no_text_of_the_box_is_in_the_saved_notebook_sent_or_not(
    quickstart: Notebook, panel: PanelOnScreen, tmp_path: Path
) -> None:
    unfinished = json.dumps({"model_type": "llama", "mark_of_a_paste": 1})
    panel.ask(LLAMA)
    panel.paste_box.fill(unfinished)
    panel.field("Model").focus()
    assert "mark_of_a_paste" not in quickstart.save()
    panel.button("Submit configuration").click()
    expect(panel.alert).to_contain_text("num_hidden_layers")
    expect(panel.paste_box).to_have_value(unfinished)
    assert "mark_of_a_paste" not in quickstart.save()
    path = tmp_path / "name-of-a-secret-project.json"
    path.write_text(unfinished.replace("paste", "upload"))
    with quickstart.page.expect_file_chooser() as chooser:
        panel.box.get_by_text("Upload config.json").click()
    chooser.value.set_files(path)
    expect(panel.paste_box).to_have_value(path.read_text())
    text = quickstart.save()
    assert "mark_of_a_upload" not in text
    assert "name-of-a-secret-project" not in text
    assert LLAMA in text, "the state of the widgets is in it"


def test_a_gated_model_asks_for_its_config_and_goes_on(
    quickstart: Notebook, panel: PanelOnScreen, lab_hub: LoopbackHub
) -> None:
    panel.field("Batch size").fill("4")
    panel.ask(GATED)
    expect(panel.paste_box).to_be_visible()
    expect(panel.box).to_contain_text(f"{GATED} is gated")
    expect(panel.box.locator(f"a[href='{lab_hub.endpoint}/{GATED}']")).to_be_visible()

    panel.paste(json.dumps(GEMMA_3_4B_IT, indent=2))
    expect(panel.result).to_contain_text(WRITTEN_PARAMETERS)
    expect(panel.result).to_contain_text("batch size 4")
    expect(panel.result).to_contain_text("verified")
    expect(panel.result.get_by_role("img")).to_be_visible()
    expect(panel.paste_box).to_be_hidden()

    lab_hub.reset()
    panel.field("Batch size").fill("1")
    panel.button("Calculate memory").click()
    expect(panel.result).to_contain_text("batch size 1")
    expect(panel.paste_box).to_be_hidden()
    assert lab_hub.requests == ()

    text = quickstart.save()
    assert "MemoryPanel" in text
    assert "vision_config" not in text


def test_a_paste_that_is_cut_off_stays_in_the_box_with_what_to_fix(panel: PanelOnScreen) -> None:
    panel.ask(GATED)
    whole = json.dumps(GEMMA_3_4B_IT, indent=2)
    cut = whole[: len(whole) // 2]
    panel.paste(cut)
    expect(panel.alert).to_contain_text("cut off")
    expect(panel.paste_box).to_have_value(cut)
    expect(panel.result).to_be_hidden()

    panel.paste(whole)
    expect(panel.result).to_contain_text(WRITTEN_PARAMETERS)


def test_cancel_leaves_the_panel_as_it_was(panel: PanelOnScreen, store_path: Path) -> None:
    panel.ask("Qwen/Qwen2.5-7B")
    expect(panel.result).to_contain_text("7.62B parameters")
    panel.ask(GATED)
    panel.paste_box.fill("{")
    panel.button("Cancel").click()
    expect(panel.paste_box).to_be_hidden()
    expect(panel.result).to_contain_text("7.62B parameters")
    assert GATED not in store_path.read_text(encoding="utf-8")

    panel.ask(GATED)
    expect(panel.paste_box).to_be_visible()
    expect(panel.paste_box).to_have_value("")


def test_a_file_dropped_onto_the_box_is_submitted_as_a_paste_is(panel: PanelOnScreen) -> None:
    panel.ask(GATED)
    panel.paste_box.wait_for()
    panel.paste_box.evaluate(
        """(field, text) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], "config.json"));
            for (const type of ["dragover", "drop"]) {
                field.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
            }
        }""",
        json.dumps(GEMMA_3_4B_IT),
    )
    expect(panel.paste_box).to_have_value(json.dumps(GEMMA_3_4B_IT))
    panel.button("Submit configuration").click()
    expect(panel.result).to_contain_text(WRITTEN_PARAMETERS)


def test_numbers_are_corrected_in_sight_and_the_slider_moves_the_length(panel: PanelOnScreen) -> None:
    panel.ask("Qwen/Qwen2.5-7B")
    expect(panel.result).to_contain_text("7.62B parameters")
    batch = panel.field("Batch size")
    for typed, shown in (("1.5", "2"), ("1e3", "1000"), ("0", "1")):
        batch.fill(typed)
        batch.press("Tab")
        expect(batch).to_have_value(shown)
    slider = panel.box.get_by_role("slider", name="Context length")
    slider.focus()
    slider.press("ArrowRight")
    expect(panel.field("Context length")).to_have_value("2560")
    expect(panel.result).to_contain_text("2,560 tokens of context")


def test_comparing_asks_for_one_gated_model_after_the_other_and_shows_all(panel: PanelOnScreen) -> None:
    gated = [LLAMA, MISTRAL]
    panel.field("Models to compare").fill("\n".join(["Qwen/Qwen2.5-7B", *gated]))
    panel.button("Compare models").click()
    for model_id in gated:
        panel.wait_for_question(model_id)
        panel.paste(json.dumps(GATED_CONFIGS[model_id]))
    for written in ("Qwen/Qwen2.5-7B", "7.62B", *gated, "8.03B", "7.25B"):
        expect(panel.result).to_contain_text(written)


def test_hostile_strings_are_shown_as_they_are_and_nothing_of_them_runs(panel: PanelOnScreen) -> None:
    """The fixture `page` fails the test if `window.pwned` is set, a dialog opens or a stranger is asked."""
    attacks = (
        "<img src=x onerror=window.pwned=0>",
        "<script>window.pwned=1</script>",
        "</textarea><svg onload=window.pwned=2>",
        "<iframe srcdoc='<script>parent.pwned=3</script>'></iframe>",
        "javascript:window.pwned=4",
    )
    for index, attack in enumerate(attacks):
        panel.ask(attack)
        expect(panel.alert).to_contain_text(f"pwned={index}")

    panel.ask(GATED)
    for field in ("hidden_size", "torch_dtype"):
        panel.paste(json.dumps({**LLAMA_3_1_8B, field: attacks[0]}))
        expect(panel.alert).to_contain_text(f'{field} is "{attacks[0]}"')

    # the class says what is built, whatever the type is called
    hostile = {"model_type": attacks[1], "_name_or_path": attacks[2], attacks[3]: attacks[4]}
    panel.paste(json.dumps({**LLAMA_3_1_8B, **hostile}))
    expect(panel.result).to_be_visible()
    assert panel.box.locator("img, script, iframe").count() == 0


def test_neither_a_pasted_text_nor_a_token_reaches_the_saved_notebook(
    quickstart: Notebook, panel: PanelOnScreen
) -> None:
    panel.ask(GATED)
    panel.paste(json.dumps({**GEMMA_3_4B_IT, "access": MEMBER_TOKEN}))
    expect(panel.alert).to_be_visible()
    assert MEMBER_TOKEN not in quickstart.save()

    panel.paste(json.dumps({**GEMMA_3_4B_IT, "marker": "only-in-the-paste"}))
    expect(panel.result).to_contain_text(WRITTEN_PARAMETERS)
    text = quickstart.save()
    assert "application/vnd.jupyter.widget-state+json" in text
    assert "only-in-the-paste" not in text
    assert MEMBER_TOKEN not in text


def show_gate(panel: PanelOnScreen) -> None:
    panel.ask(LLAMA)
    panel.paste(json.dumps(LLAMA_3_1_8B, indent=2)[:300])
    expect(panel.alert).to_be_visible()


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


def test_a_report_in_a_cell_beside_the_panel_has_its_sign_once(quickstart: Notebook, panel: PanelOnScreen) -> None:
    """It brings the sign as text, for pages without a panel, whose style sheet would add another."""
    assert panel.box.page is quickstart.page
    verdict = quickstart.page.locator(".budsim-output .budsim-verdict").first
    expect(verdict).to_contain_text("✓ Fits on")
    assert verdict.evaluate("one => getComputedStyle(one, '::before').content") == "none"


def test_it_is_whole_in_both_themes_and_in_a_narrow_column(
    quickstart: Notebook, panel: PanelOnScreen, lab_hub: LoopbackHub
) -> None:
    """Leaves a picture of each state in each theme and width, for a person to look at."""
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
