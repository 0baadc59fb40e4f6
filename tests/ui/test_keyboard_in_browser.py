"""The panel under the hands of a person with a keyboard, in JupyterLab: keys, focus, clipboard, a restarted kernel."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hub.repos import GEMMA_3_4B_IT
from playwright.sync_api import expect

if TYPE_CHECKING:
    from ui.lab import Notebook, PanelOnScreen

pytestmark = pytest.mark.browser

GATED = "google/gemma-3-4b-it"
PUBLIC = "Qwen/Qwen2.5-7B"
RESTART_MILLISECONDS = 8_000


def focused_class(panel: PanelOnScreen) -> str:
    return str(panel.box.page.evaluate("document.activeElement.className"))


def test_letters_on_a_button_are_no_commands_of_the_notebook(quickstart: Notebook, panel: PanelOnScreen) -> None:
    page = panel.box.page
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    cells = page.locator(".jp-Cell").count()
    panel.button("Calculate memory").focus()
    for key in ("m", "a", "b", "d", "d", "x", "y"):
        page.keyboard.press(key)
    expect(panel.box).to_be_visible()
    assert page.locator(".jp-Cell").count() == cells
    assert "MemoryPanel" in quickstart.save()


@pytest.mark.parametrize("keys", ["Control+Enter", "Shift+Enter"])
def test_the_paste_is_submitted_by_keys_and_the_focus_goes_to_the_result(panel: PanelOnScreen, keys: str) -> None:
    panel.ask(GATED)
    panel.paste_box.wait_for()
    panel.paste_box.fill(json.dumps(GEMMA_3_4B_IT))
    panel.paste_box.press(keys)
    expect(panel.result).to_contain_text("4.30B parameters")
    expect(panel.box.locator(".budsim-result")).to_be_focused()


def test_escape_cancels_and_the_focus_returns_to_what_opened_the_box(panel: PanelOnScreen) -> None:
    panel.field("Model").fill(GATED)
    panel.button("Calculate memory").focus()
    panel.button("Calculate memory").press("Enter")
    panel.paste_box.wait_for()
    expect(panel.button("Submit configuration")).to_be_in_viewport()
    panel.paste_box.press("Escape")
    expect(panel.paste_box).to_be_hidden()
    expect(panel.button("Calculate memory")).to_be_focused()


def test_escape_closes_the_saved_configs_and_the_focus_returns(panel: PanelOnScreen) -> None:
    opener = panel.button("Saved configs")
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.press("Enter")
    expect(panel.box.locator(".budsim-saved")).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    panel.button("Close").press("Escape")
    expect(panel.box.locator(".budsim-saved")).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_one_live_region_says_what_happened_and_a_refused_field_points_to_why(panel: PanelOnScreen) -> None:
    """Without a mouse, from the model to the saved configs."""
    keyboard = panel.box.page.keyboard
    spoken, model = panel.box.get_by_role("status"), panel.field("Model")
    expect(spoken).to_have_count(1)
    expect(spoken).to_have_text("")

    model.fill("no model at all")
    keyboard.press("Enter")
    expect(model).to_have_attribute("aria-invalid", "true")
    expect(model).to_have_accessible_description(re.compile("no model at all"))
    expect(spoken).to_contain_text("no model at all")
    model.press("End")
    keyboard.type("x")
    expect(model).not_to_have_attribute("aria-invalid", "true")

    model.fill(GATED)
    keyboard.press("Enter")
    expect(panel.paste_box).to_be_focused()
    expect(spoken).to_contain_text(f"Paste config.json of {GATED} to go on")
    expect(panel.box.get_by_role("heading", level=2)).to_contain_text(f"Paste config.json of {GATED}")
    keyboard.insert_text(json.dumps(GEMMA_3_4B_IT)[:200])
    keyboard.press("Control+Enter")
    expect(panel.paste_box).to_have_accessible_description(re.compile("cut off"))
    expect(spoken).to_contain_text("cut off")

    expect(panel.paste_box).to_be_focused()
    keyboard.press("Control+a")
    keyboard.insert_text(json.dumps(GEMMA_3_4B_IT))
    expect(panel.paste_box).not_to_have_attribute("aria-invalid", "true")
    keyboard.press("Control+Enter")
    expect(panel.box.locator(".budsim-result")).to_be_focused()
    expect(spoken).to_contain_text("is saved")
    expect(panel.box.get_by_role("heading", level=2)).to_contain_text("GiB")

    panel.button("Saved configs").press("Enter")
    expect(spoken).to_contain_text("saved config")
    expect(panel.box.get_by_role("heading", name="Saved configs", level=2)).to_be_visible()
    expect(spoken).to_have_count(1)


def test_a_result_is_taken_along_as_code_markdown_picture_and_notebook(panel: PanelOnScreen) -> None:
    page = panel.box.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.field("Accelerator").fill("2x RTX 3090")
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("GiB free")
    panel.button("Copy as code").click()
    expect(panel.box).to_contain_text("Copied")
    code = page.evaluate("navigator.clipboard.readText()")
    assert code == f"bw.fit('{PUBLIC}', 'RTX 3090 24GB', tensor_parallel=2)"
    panel.button("Copy as Markdown").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('| Weights |'))")
    with page.expect_download() as download:
        panel.button("Save as image").click()
    assert download.value.path().read_text("utf-8").startswith("<svg")
    panel.button("Copy as image").click()
    # what was said before may still stand in the live region
    page.wait_for_function("navigator.clipboard.read().then(items => items[0].types.includes('image/png'))")
    with page.expect_download() as download:
        panel.button("Save as notebook").click()
    written = json.loads(download.value.path().read_text("utf-8"))["cells"][0]
    assert written["source"][-1] == f"bw.MemoryPanel('{PUBLIC}', device_count=2, accelerator='RTX 3090 24GB')"
    assert "7.62B parameters" in written["outputs"][0]["data"]["text/html"][0]


def test_a_restarted_kernel_is_said_within_eight_seconds(panel: PanelOnScreen) -> None:
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    # not awaited: it is done once its question is answered
    panel.box.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:restart-kernel'); }")
    panel.box.page.locator(".jp-Dialog .jp-mod-accept").click()
    # how long the server takes for the restart itself is not the panel's
    panel.box.page.locator(".budsim-panel.jupyter-widgets-disconnected").wait_for()
    expect(panel.box.locator(".budsim-lost")).to_contain_text(
        "The kernel was restarted: run the cell again", timeout=RESTART_MILLISECONDS
    )
    expect(panel.result).to_contain_text("7.62B parameters")
    expect(panel.box.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_attached()
