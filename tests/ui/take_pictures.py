"""Takes the pictures of the panel that README, documentation and quickstart show: `make pictures`.

A real JupyterLab against the loopback Hub: the question of the quickstart, the gate, a paste, the result.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # started as a script: the folder of tests is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nbformat
from hub.loopback import LoopbackHub
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect, sync_playwright

from ui.conftest import BROWSERS, PATIENCE_MILLISECONDS, QUIET
from ui.lab import LabServer, Notebook, PanelOnScreen

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCS = Path(__file__).parent.parent.parent / "docs"
CELL = """\
import budsim_widgets as bw

bw.MemoryPanel("meta-llama/Llama-3.1-8B", accelerator="RTX 4090", engine="vllm", seq_length=8192)"""
PICTURES = {"JupyterLab Light": "panel.png", "JupyterLab Dark": "panel-dark.png"}
VIEWPORT = {"width": 1400, "height": 1700}


def take(page: Page, lab: LabServer) -> None:
    """Both pictures of one panel."""
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata=kernel), lab.folder / "panel.ipynb"
    )
    notebook = Notebook(page, lab, "panel.ipynb").open()
    notebook.run_all()
    panel = PanelOnScreen(page)
    panel.button("Calculate memory").click()
    panel.paste(json.dumps(LLAMA_3_1_8B))
    expect(panel.result).to_contain_text("8.03B parameters")
    expect(panel.paste_box).to_be_hidden()
    # the focus leaves its field: no caret, no frame
    page.mouse.click(1390, 5)
    for theme, name in PICTURES.items():
        notebook.use_theme(theme)
        panel.box.screenshot(path=DOCS / name, animations="disabled")
    notebook.close()


def main() -> None:
    """Takes them."""
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with LoopbackHub() as hub, tempfile.TemporaryDirectory() as home:
        names = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": f"{home}/hf", "BUDSIM_STORE": f"{home}/configs.json"}
        names |= {"NO_PROXY": "127.0.0.1,localhost"}
        with LabServer(Path(home) / "lab", names) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
            page = browser.new_page(viewport=VIEWPORT)
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            take(page, lab)
            browser.close()


if __name__ == "__main__":
    main()
