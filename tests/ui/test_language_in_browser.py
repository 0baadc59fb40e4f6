"""A panel of nobody's chosen language speaks the browser's, in JupyterLab, and keeps what was typed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ui.conftest import NOTEBOOKS, PATIENCE_MILLISECONDS, SCREENSHOTS
from ui.lab import Notebook, PanelOnScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from ui.lab import LabServer

pytestmark = pytest.mark.browser

# what JupyterLab's own setting does to the page, as far as a panel can see it
SET_LAB_TO_CHINESE = "() => { document.documentElement.lang = 'zh-CN'; }"


@pytest.fixture
def chinese(browser: Browser, lab: LabServer, store_path: Path) -> Iterator[Notebook]:
    """The quickstart notebook in a browser that prefers Chinese, with an empty store."""
    for path in store_path.parent.iterdir():
        path.unlink()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    shutil.copy(NOTEBOOKS / "quickstart.ipynb", lab.folder / "chinese.ipynb")
    notebook = Notebook(context.new_page(), lab, "chinese.ipynb").open()
    notebook.run_all()
    yield notebook
    SCREENSHOTS.mkdir(exist_ok=True)
    notebook.page.screenshot(path=SCREENSHOTS / "chinese.png")
    notebook.close()
    context.close()


def test_the_panel_speaks_the_language_of_the_browser(chinese: Notebook) -> None:
    panel = PanelOnScreen(chinese.page)
    panel.button("计算显存").wait_for()
    expect(panel.button("打开 GGUF 文件")).to_be_visible()
    panel.box.get_by_label("模型", exact=True).fill("meta-llama/Llama-3.1-8B")
    panel.button("计算显存").click()
    expect(panel.box.get_by_label("粘贴 config.json", exact=True)).to_be_visible()
    expect(panel.box).to_contain_text("受限模型")


def test_a_language_that_jupyterlab_takes_later_leaves_what_was_typed(quickstart: Notebook) -> None:
    panel = PanelOnScreen(quickstart.page)
    panel.button("Calculate memory").wait_for()
    panel.ask("meta-llama/Llama-3.1-8B")
    panel.paste_box.fill("{ half of a config")
    quickstart.page.evaluate(SET_LAB_TO_CHINESE)
    # a further view of the panel, as after the page is loaded anew
    quickstart.command("notebook:create-output-view")
    first = PanelOnScreen(quickstart.page).box.first
    expect(first.get_by_role("button", name="提交配置", exact=True)).to_be_visible()
    expect(first.get_by_label("粘贴 config.json", exact=True)).to_have_value("{ half of a config")
    expect(first.get_by_label("模型", exact=True)).to_have_value("meta-llama/Llama-3.1-8B")
