"""What a person takes along: a link that opens the same question, and outputs of cells that need no panel."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
from hub.repos import LLAMA_3_1_8B, QWEN_2_5_0_5B
from playwright.sync_api import expect

from ui.axe import COLOURS, prepare, violations
from ui.conftest import SCREENSHOTS, watched_page
from ui.lab import KERNEL_IS_READY, Notebook, PanelOnScreen
from ui.test_front_ends_in_browser import VOILAS_OWN

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from ui.lab import LabServer

pytestmark = pytest.mark.browser

PUBLIC = "Qwen/Qwen2.5-7B"
CELLS = (
    f"import budsim_widgets as bw\n\nllama = {LLAMA_3_1_8B!r}\nsmall = {QWEN_2_5_0_5B!r}\nbw.calculate(llama)",
    "bw.fit(llama, 'RTX 4090', engine='vllm')",
    "bw.compare([llama, small, {'model_type': 'llama'}])",
    "bw.analyze(llama)",
    "bw.finetune(llama, accelerator='RTX 4090')",
    "bw.sweep([llama], accelerators=['RTX 4090', 'T4'])",
    "bw.fit(llama, 'T4')\n",
)
CUT_OFF = """box => {
    const edge = box.getBoundingClientRect().right + 1;
    const isSeen = part => part.checkVisibility() && !part.closest('.budsim-frame, .budsim-unseen, svg, style');
    return [...box.querySelectorAll('*')].filter(part => isSeen(part) && part.getBoundingClientRect().right > edge)
        .map(part => `${part.tagName} ${part.className} ${part.textContent.slice(0, 60)}`);
}"""


@pytest.fixture
def outputs(lab: LabServer) -> Path:
    """A notebook whose cells each show a report."""
    path = lab.folder / "outputs.ipynb"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def test_a_link_opens_the_same_question_in_a_notebook(panel: PanelOnScreen, lab: LabServer) -> None:
    page = panel.box.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.field("Accelerator").fill("2x RTX 3090")
    panel.ask(PUBLIC)
    expect(panel.result).to_contain_text("GiB free")
    panel.button("Copy link").click()
    expect(panel.box).to_contain_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{lab.url}budsim/panel?model=")

    page = page.context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading")).to_have_text("A question to the memory panel")
    assert not list(lab.folder.glob("budsim-panel*.ipynb"))
    page.get_by_role("button", name="Open as a notebook").click()
    # a second window of JupyterLab is a workspace of its own
    page.wait_for_url(re.compile(r"/lab/(?:workspaces/[\w-]+/)?tree/budsim-panel\.ipynb"), wait_until="commit")
    page.wait_for_function(KERNEL_IS_READY)
    opened = Notebook(page, lab, "budsim-panel.ipynb")
    opened.run_all()
    again = PanelOnScreen(page)
    expect(again.field("Model")).to_have_value(PUBLIC)
    expect(again.field("Accelerator")).to_have_value("RTX 3090 24GB")
    expect(again.field("Number of devices")).to_have_value("2")
    opened.close()
    page.close()


def test_a_link_to_fine_tuning_is_read_in_the_browsers_language_and_opens_with_its_fields(
    panel: PanelOnScreen, lab: LabServer, browser: Browser
) -> None:
    page = panel.box.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.field("Model").fill(PUBLIC)
    panel.button("Fine-tune it").click()
    panel.field("Method").select_option("QLoRA")
    panel.field("LoRA rank").fill("64")
    panel.button("Calculate fine-tuning").click()
    expect(panel.result).to_contain_text("at the loss")
    panel.button("Copy link").click()
    expect(panel.box).to_contain_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")

    reader = browser.new_context(locale="zh-CN")
    page = reader.new_page()
    page.goto(f"{link}&token={lab.token}")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator("code")).to_contain_text("ask='finetune', training={'method': 'qlora', 'lora_rank': 64}")
    page.get_by_role("button", name="作为笔记本打开").click()
    page.wait_for_url(re.compile(r"/lab/(?:workspaces/[\w-]+/)?tree/budsim-panel.*\.ipynb"), wait_until="commit")
    page.wait_for_function(KERNEL_IS_READY)
    opened = Notebook(page, lab, page.url.partition("/tree/")[2].partition("?")[0])
    opened.run_all()
    method = page.locator(".budsim-training-fields select").first
    expect(method).to_have_value("QLoRA")
    assert page.locator(".budsim-panel input[type=number]").evaluate_all("all => all.some(one => one.value === '64')")
    opened.close()
    reader.close()


def test_the_query_of_a_page_of_voila_is_the_question(browser: Browser, lab: LabServer) -> None:
    path = lab.folder / "linked.ipynb"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cell = nbformat.v4.new_code_cell("import budsim_widgets as bw\n\nbw.MemoryPanel.from_link()")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), path)
    with watched_page(browser, lab, own_addresses=VOILAS_OWN) as page:
        page.goto(f"{lab.url}voila/render/linked.ipynb?token={lab.token}&model=org%2Fmodel&batch_size=4")
        panel = PanelOnScreen(page)
        expect(panel.field("Model")).to_have_value("org/model")
        expect(panel.field("Batch size")).to_have_value("4")


def test_reports_in_cells_look_as_in_the_panel_in_light_and_dark(page: Page, lab: LabServer, outputs: Path) -> None:
    notebook = Notebook(page, lab, outputs.name).open()
    notebook.run_all()
    shown = page.locator(".budsim-output")
    expect(shown).to_have_count(len(CELLS))
    SCREENSHOTS.mkdir(exist_ok=True)
    cut, objections = [], []
    prepare(page)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        notebook.use_theme(theme)
        objections += violations(page, COLOURS, ".budsim-output")
        for width in (400, 800, 1400):
            page.set_viewport_size({"width": width, "height": 1600})
            cut += [f"{theme} {width}: {one}" for box in shown.all() for one in box.evaluate(CUT_OFF)]
            for number, box in enumerate(shown.all()):
                box.screenshot(path=SCREENSHOTS / f"output-{number}-{theme[11:].lower()}-{width}.png")
    assert cut == []
    assert objections == []
    verdict = shown.nth(1).locator(".budsim-verdict")
    assert verdict.evaluate("one => getComputedStyle(one).backgroundColor") == "rgba(76, 175, 80, 0.14)"
    assert page.locator("svg[role=img] >> visible=true").count() > 0
    assert page.locator("img.budsim-picture >> visible=true").count() == 0
    notebook.save()
    notebook.close()


def test_of_a_notebook_that_is_not_trusted_the_reports_keep_their_colours_and_pictures(
    page: Page, lab: LabServer, outputs: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(outputs)]
    subprocess.run(command, check=True, capture_output=True)
    saved = json.loads(outputs.read_text(encoding="utf-8"))
    file = lab.folder / "of-somebody-else.ipynb"
    file.write_text(json.dumps(saved), encoding="utf-8")
    page.goto(f"{lab.url}doc/tree/{file.name}?token={lab.token}&reset")
    shown = page.locator(".budsim-output")
    expect(shown).to_have_count(len(CELLS))
    assert page.locator(".budsim-output svg").count() == 0
    expect(page.locator("img.budsim-picture").first).to_be_visible()
    assert "GiB (89%)" not in shown.nth(1).inner_text(), "words of the drawing that was taken away"
    verdict = shown.nth(1).locator(".budsim-verdict")
    assert verdict.evaluate("one => getComputedStyle(one).backgroundColor") == "rgba(76, 175, 80, 0.14)"
    page.set_viewport_size({"width": 1000, "height": 1600})
    shown.nth(1).screenshot(path=SCREENSHOTS / "output-untrusted.png")

    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    exported = (tmp_path / f"{file.stem}.html").read_text(encoding="utf-8")
    assert exported.count('class="budsim-output budsim-result"') == len(CELLS)
