"""The site that `make lite` builds, opened as a person does: JupyterLite, its own Python, and the panel in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect

from ui.browser_python import ROOT, FolderServer
from ui.lab import PanelOnScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SITE = ROOT / "build" / "lite"
GATED = "meta-llama/Llama-3.1-8B"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The quickstart notebook on the site; no other host is there."""
    if not SITE.exists():
        pytest.skip("the site isn't built: `make lite`")
    with FolderServer(SITE) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        strangers: list[str] = []
        context.route(lambda url: not url.startswith(server.url), lambda route: route.abort("internetdisconnected"))
        context.on("request", lambda request: strangers.append(request.url))
        page = context.new_page()
        page.goto(f"{server.url}lab/index.html?path=quickstart.ipynb")
        yield page
        context.close()
    asked = {url for url in strangers if not url.startswith((server.url, "data:", "blob:"))}
    assert {url.split("/")[2] for url in asked} == {"huggingface.co"}


def test_the_panel_calculates_from_a_paste_without_any_server(page: Page) -> None:
    page.locator(".jp-Notebook .jp-CodeCell").first.click()
    page.keyboard.press("Shift+Enter")
    panel = PanelOnScreen(page)
    panel.button("Calculate memory").wait_for()
    panel.button("Calculate memory").click()
    panel.wait_for_question(GATED)
    expect(panel.box).to_contain_text("this page may not ask it")
    panel.paste(json.dumps(LLAMA_3_1_8B))
    expect(panel.result).to_contain_text("8.03B parameters")
    expect(panel.result).to_contain_text("14.96 GiB")
