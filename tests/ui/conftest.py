"""A JupyterLab against the loopback Hub, and a Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hub.loopback import LoopbackHub
from playwright.sync_api import expect, sync_playwright

from ui.lab import LabServer, Notebook, PanelOnScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
SCREENSHOTS = Path(__file__).parent / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MILLISECONDS = 90_000
WIDE = {"width": 1280, "height": 1000}


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is not None:
        return found
    missing = f"none of {', '.join(BROWSERS)} is on the PATH; on Debian and Ubuntu: sudo apt-get install chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(f"In CI the browser tests must run: {missing}")
    pytest.skip(missing)


@pytest.fixture(scope="session")
def lab_hub() -> Iterator[LoopbackHub]:
    with LoopbackHub() as hub:
        yield hub


@pytest.fixture(scope="session")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "configs.json"


@pytest.fixture(scope="session")
def lab(
    chromium: str, lab_hub: LoopbackHub, store_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LabServer]:
    assert chromium  # without a browser there is no need of a server
    hub_home = tmp_path_factory.mktemp("lab-hf-home")
    environment = {
        "HF_ENDPOINT": lab_hub.endpoint,
        "HF_HOME": str(hub_home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "BUDSIM_STORE": str(store_path),
        "NO_PROXY": "127.0.0.1,localhost",
    }
    with LabServer(tmp_path_factory.mktemp("lab"), environment) as server:
        server.hub_home = hub_home
        yield server


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # No longer than a module: while it lives, playwright keeps an event loop that tests of coroutines can't share.
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, lab: LabServer) -> Iterator[Page]:
    """A page that sees this machine only, and runs nothing of what it shows."""
    with watched_page(browser, lab) as page:
        yield page


@contextmanager
def watched_page(browser: Browser, lab: LabServer, *, own_addresses: tuple[str, ...] = ()) -> Iterator[Page]:
    """A page that asks no stranger, and runs nothing of what it shows.

    Args:
        browser: Where it opens.
        lab: The server whose pages it shows.
        own_addresses: Beginnings of what the front end itself asks for.
    """
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    strangers: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((lab.url, "data:", "blob:", *own_addresses))
            else strangers.append(request.url)
        ),
    )
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield page
    is_pwned = page.evaluate("'pwned' in window")
    context.close()
    assert not is_pwned
    assert dialogs == []
    assert strangers == []


@pytest.fixture
def quickstart(
    page: Page, lab: LabServer, lab_hub: LoopbackHub, store_path: Path, request: pytest.FixtureRequest
) -> Iterator[Notebook]:
    """The quickstart notebook, open and run, with an empty store; how it looked at last is kept as a picture."""
    for path in store_path.parent.iterdir():
        path.unlink()
    lab_hub.reset()
    name = f"{request.node.name[:60]}.ipynb"
    shutil.copy(NOTEBOOKS / "quickstart.ipynb", lab.folder / name)
    notebook = Notebook(page, lab, name).open()
    notebook.run_all()
    yield notebook
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{request.node.name}.png")
    notebook.close()


@pytest.fixture
def panel(quickstart: Notebook) -> PanelOnScreen:
    """The panel of the quickstart notebook, as it stands on the screen."""
    panel = PanelOnScreen(quickstart.page)
    panel.button("Calculate memory").wait_for()
    return panel
