"""The panel in JupyterLab, Notebook 7 and Voila: asked, stopped by a gate, answered; and what is left of it later."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect

from ui.conftest import watched_page
from ui.lab import Notebook, PanelOnScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from ui.lab import LabServer

pytestmark = pytest.mark.browser

LLAMA = "meta-llama/Llama-3.1-8B"
CELL = f'import budsim_widgets as bw\n\nbw.MemoryPanel("{LLAMA}", accelerator="RTX 4090")'
WIDTHS = (400, 800, 1400)
THEMES = ("JupyterLab Dark", "JupyterLab Light")
# Voila's own page asks for these; none of the panel does
VOILAS_OWN = ("https://cdn.jsdelivr.net/npm/@fortawesome/", "https://cdnjs.cloudflare.com/ajax/libs/mathjax/")
NOT_OURS = ("net::ERR_", "@jupyterlab/docregistry")
CUT_OFF = """box => {
    const edge = box.getBoundingClientRect().right + 1;
    const isSeen = part => part.checkVisibility() && !part.closest('.budsim-frame, .budsim-unseen, select, svg');
    const isCut = part => part.getBoundingClientRect().right > edge
        || (part.matches('button, label, h1, h2, h3, p') && part.scrollWidth > part.clientWidth + 1);
    return [...box.querySelectorAll('*')].filter(part => isSeen(part) && isCut(part))
        .map(part => `${part.tagName} ${part.className} ${part.textContent.slice(0, 60)}`);
}"""


@pytest.fixture
def notebook_name(lab: LabServer, store_path: Path, request: pytest.FixtureRequest) -> str:
    """A notebook with a panel, for a store that is empty."""
    for path in store_path.parent.iterdir():
        path.unlink()
    name = f"{request.node.name.partition('[')[0]}.ipynb"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata=kernel)
    nbformat.write(notebook, lab.folder / name)
    return name


def errors_of(page: Page) -> list[str]:
    """What the console of a page says, from now on."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda said: (
            found.append(said.text)
            if said.type == "error" and not any(one in said.text + said.location["url"] for one in NOT_OURS)
            else None
        ),
    )
    return found


def go_through_the_gate(panel: PanelOnScreen) -> None:
    panel.button("Calculate memory").click()
    panel.wait_for_question(LLAMA)
    panel.paste(json.dumps(LLAMA_3_1_8B))
    expect(panel.result).to_contain_text("8.03B parameters")
    expect(panel.result).to_contain_text("GiB free")
    expect(panel.paste_box).to_be_hidden()


def cut_off(panel: PanelOnScreen, page: Page) -> Iterator[str]:
    """What doesn't fit into a column, at each width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1600})
        yield from (f"{width} px: {part}" for part in panel.box.evaluate(CUT_OFF))


@pytest.mark.parametrize("place", ["doc/tree", "notebooks"], ids=["jupyterlab", "notebook-7"])
def test_the_panel_works_and_is_whole_in_a_notebook(page: Page, lab: LabServer, notebook_name: str, place: str) -> None:
    notebook = Notebook(page, lab, notebook_name, place).open()
    errors = errors_of(page)  # those of the front end itself, as it starts, are its own
    notebook.run_all()
    panel = PanelOnScreen(page)
    panel.button("Calculate memory").wait_for()
    go_through_the_gate(panel)
    cut = []
    for theme in THEMES:
        notebook.use_theme(theme)
        cut += cut_off(panel, page)
    assert cut == []
    assert page.locator(".budsim-verdict").count() == 1, "shown once, though it is kept beside the panel"
    notebook.save()
    notebook.close()
    assert errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_works_and_is_whole_in_voila(
    browser: Browser, lab: LabServer, notebook_name: str, theme: str
) -> None:
    with watched_page(browser, lab, own_addresses=VOILAS_OWN) as page:
        errors = errors_of(page)
        page.goto(f"{lab.url}voila/render/{notebook_name}?token={lab.token}&theme={theme}")
        expect(page.locator(f"body.theme-{theme}")).to_be_attached()
        panel = PanelOnScreen(page)
        go_through_the_gate(panel)
        assert list(cut_off(panel, page)) == []
        assert errors == []


def test_the_result_of_a_saved_notebook_outlives_its_kernel(
    page: Page, lab: LabServer, notebook_name: str, tmp_path: Path
) -> None:
    notebook = Notebook(page, lab, notebook_name).open()
    notebook.run_all()
    panel = PanelOnScreen(page)
    panel.button("Calculate memory").wait_for()
    go_through_the_gate(panel)
    # as it is where widgets aren't saved with their state, and on somebody else's machine: nothing of it is trusted
    saved = json.loads(notebook.save())
    notebook.close()
    saved["metadata"].pop("widgets")
    file = lab.folder / f"again-{notebook_name}"
    file.write_text(json.dumps(saved), encoding="utf-8")

    page.goto(f"{lab.url}doc/tree/{file.name}?token={lab.token}&reset")
    kept = page.locator(".budsim-kept")
    expect(kept).to_contain_text("8.03B parameters")
    expect(kept).to_contain_text("GiB free")
    expect(kept.get_by_role("img")).to_be_visible()
    swatch = kept.locator(".budsim-swatch").first
    assert swatch.evaluate("one => getComputedStyle(one).backgroundColor") not in {"rgba(0, 0, 0, 0)", ""}
    expect(page.get_by_text("model not found")).to_have_count(0)

    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    exported = (tmp_path / f"{file.stem}.html").read_text(encoding="utf-8")
    assert exported.count("8.03B parameters") == 1
    assert "MemoryPanel(&#39;" not in exported
