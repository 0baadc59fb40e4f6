"""A result on screen belongs to what stands in the fields, or says that it doesn't; none is lost or held up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat
import pytest
from hub.repos import LLAMA_3_1_8B, LLAMA_3_1_70B
from playwright.sync_api import expect

from ui.lab import Notebook, PanelOnScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from ui.lab import LabServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LLAMA, PUBLIC, MISSING = "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B", "example/no-such-model"
CELLS = ("import budsim_widgets as bw\npanel = bw.MemoryPanel()\npanel", "bw.MemoryPanel()")


@pytest.fixture
def notebook(page: Page, lab: LabServer, store_path: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Two panels, with an empty store."""
    for path in store_path.parent.iterdir():
        path.unlink()
    name = f"{request.node.name[:60]}.ipynb"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), lab.folder / name)
    notebook = Notebook(page, lab, name).open()
    notebook.run_all()
    expect(page.locator(".budsim-panel")).to_have_count(2)
    yield notebook
    notebook.close()


def panels(page: Page) -> tuple[PanelOnScreen, PanelOnScreen]:
    first, second = PanelOnScreen(page), PanelOnScreen(page)
    first.box, second.box = page.locator(".budsim-panel").nth(0), page.locator(".budsim-panel").nth(1)
    return first, second


def expect_stale(panel: PanelOnScreen, *, is_stale: bool) -> None:
    faded = panel.box.locator(".budsim-result.budsim-stale")
    expect(faded).to_have_count(int(is_stale))
    if is_stale:
        expect(faded).to_contain_text("this is an earlier result")


def test_a_result_of_another_question_is_faded_and_a_doubtful_config_is_undone(notebook: Notebook) -> None:
    panel, _ = panels(notebook.page)
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    expect_stale(panel, is_stale=False)
    panel.field("Model").fill("Qwen/Qwen2.5-0.5B")
    panel.field("Model").press("Tab")
    expect_stale(panel, is_stale=True)
    panel.ask(LLAMA)
    panel.wait_for_question(LLAMA)
    expect_stale(panel, is_stale=True)
    panel.paste(json.dumps(LLAMA_3_1_70B))
    expect(panel.result).to_contain_text("70.55B parameters")
    expect(panel.box).to_contain_text("the Hub publishes 8.03B")
    panel.box.get_by_role("button", name="Undo").click()
    panel.wait_for_question(LLAMA)
    expect(panel.result).to_be_hidden()
    panel.paste(json.dumps(LLAMA_3_1_8B))
    expect(panel.result).to_contain_text("8.03B parameters")
    expect_stale(panel, is_stale=False)


def test_what_is_being_typed_stays_whatever_arrives_meanwhile(notebook: Notebook) -> None:
    panel, _ = panels(notebook.page)
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    typed = {
        "model_input": ("Model", "Qwen/Qwen2.5-0.5B"),
        "accelerator_input": ("Accelerator", "RTX 4090"),
        "batch_size_input": ("Batch size", "8"),
        "compare_input": ("Models to compare", "org/model"),
    }
    for name, (label, text) in typed.items():
        field = panel.field(label)
        field.fill(text)
        notebook.execute(f"panel.{name}.add_class('some-news')")
        expect(panel.box.locator(".some-news")).to_have_count(1)
        expect(field).to_have_value(text)
        field.press("Tab")
        notebook.execute(f"panel.{name}.remove_class('some-news')")
        expect(panel.box.locator(".some-news")).to_have_count(0)
        expect(field).to_have_value(text)
    expect_stale(panel, is_stale=True)


def test_a_field_that_is_left_as_it_was_shows_what_arrived_meanwhile(notebook: Notebook) -> None:
    panel, _ = panels(notebook.page)
    field = panel.field("Model")
    field.press_sequentially("a")
    notebook.execute(f"panel.model_input.value = {PUBLIC!r}")
    field.press("Backspace")
    expect(field).to_have_value("")
    field.press("Tab")
    expect(field).to_have_value(PUBLIC)
    notebook.execute("panel.model_input.value = 'org/model'")
    expect(field).to_have_value("org/model")


def test_a_mistyped_model_holds_up_no_other_and_a_paste_serves_both_panels(notebook: Notebook) -> None:
    first, second = panels(notebook.page)
    first.field("Models to compare").fill(f"{PUBLIC} {MISSING}")
    first.button("Compare models").click()
    first.wait_for_question(MISSING)
    expect(first.result).to_contain_text("7.62B")
    first.button("Skip this model").click()
    expect(first.paste_box).to_be_hidden()
    expect(first.result).to_contain_text("7.62B")

    for panel in (first, second):
        panel.ask(LLAMA)
        panel.wait_for_question(LLAMA)
    second.paste(json.dumps(LLAMA_3_1_8B))
    for panel in (first, second):
        expect(panel.paste_box).to_be_hidden()
        expect(panel.result).to_contain_text("8.03B parameters")


def test_a_reloaded_page_finds_the_panel_alive_and_its_result_once(notebook: Notebook) -> None:
    page = notebook.page
    panel, _ = panels(page)
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("7.62B parameters")
    notebook.save()
    page.reload()
    panel, _ = panels(page)
    expect(panel.result).to_contain_text("7.62B parameters")
    expect(page.locator(".budsim-kept .budsim-verdict:visible")).to_have_count(0)
    expect(page.get_by_text("model not found")).to_have_count(0)
    panel.field("Batch size").fill("4")
    panel.field("Batch size").press("Tab")
    expect(panel.result).to_contain_text("batch size 4")
    panel.button("Saved configs").press("Enter")
    expect(panel.button("Saved configs")).to_have_attribute("aria-expanded", "true")


def test_a_closed_panel_is_gone_from_the_page(notebook: Notebook) -> None:
    page = notebook.page
    page.locator(".jp-Cell .cm-content").nth(1).fill("panel.close()")
    notebook.run_all()
    expect(page.locator(".budsim-panel")).to_have_count(0)
