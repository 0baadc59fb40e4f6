"""From a key on a slider to changed pixels, in a real browser: the panel beside a bare slider with an HTML widget.

    python benchmarks/latency.py [--keys 60]

Both stand in one notebook, in JupyterLab, and are asked in turns, so that whatever else the machine does falls on both.
A key moves the slider; the time is up when the browser has drawn the frame after the first change of the result.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from hub.loopback import LoopbackHub
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import sync_playwright
from ui.conftest import BROWSERS, PATIENCE_MILLISECONDS, QUIET
from ui.lab import LabServer, Notebook, PanelOnScreen

from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from playwright.sync_api import Page

MODEL = "meta-llama/Llama-3.1-8B"
BARE_CELL = """import ipywidgets
from IPython.display import display

slider, page = ipywidgets.IntSlider(1, 1, 1000), ipywidgets.HTML("<p>1</p>")
slider.add_class("bare-slider")
page.add_class("bare-page")
slider.observe(lambda change: setattr(page, "value", f"<p>{change['new']}</p>"), "value")
display(slider, page)"""
CELLS = (
    f'import budsim_widgets as bw\n\npanel = bw.MemoryPanel("{MODEL}", accelerator="RTX 4090")\npanel',
    BARE_CELL,
    "panel.calculate_button.click()",
)
PANEL = (".budsim-slider input", ".budsim-result .budsim-region")
BARE = (".bare-slider .noUi-handle", ".bare-page")
ARM = """([slider, result]) => {
    document.querySelector(slider).focus();
    window.drawn = new Promise(done => {
        let start;
        document.addEventListener('keydown', event => { start = event.timeStamp; }, { capture: true, once: true });
        const observer = new MutationObserver(() => {
            observer.disconnect();
            requestAnimationFrame(() => {
                const after = new MessageChannel();  // its message comes once the frame is drawn
                after.port1.onmessage = () => done(performance.now() - start);
                after.port2.postMessage(0);
            });
        });
        for (const one of document.querySelectorAll(result)) {
            observer.observe(one, { childList: true, subtree: true, characterData: true });
        }
    });
}"""


def measure(page: Page, place: tuple[str, str], key: str) -> float:
    """Milliseconds from a key to the frame that shows what it changed."""
    page.evaluate(ARM, list(place))
    page.keyboard.press(key)
    taken: float = page.evaluate("window.drawn")
    page.wait_for_timeout(60)  # what follows a change, such as an output that is saved, is no part of the next one
    return taken


def prepared(folder: Path) -> Path:
    """A store that knows the model, so that nobody is asked."""
    path = folder / "configs.json"
    ConfigStore(path).put(MODEL, LLAMA_3_1_8B)
    return path


def written(server: LabServer) -> str:
    """The notebook with both sliders."""
    cells = [
        {"cell_type": "code", "id": f"c{at}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for at, cell in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    name = "latency.ipynb"
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (server.folder / name).write_text(json.dumps(notebook), encoding="utf-8")
    return name


def summary(name: str, times: list[float]) -> str:
    """One row: median and what nine of ten stay below."""
    return f"{name:<28}{statistics.median(times):7.1f} ms {statistics.quantiles(times, n=10)[-1]:7.1f} ms"


def main() -> None:
    """Prints both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=60)
    keys = parser.parse_args().keys
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        print(f"no browser: none of {', '.join(BROWSERS)} is on the PATH")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, LoopbackHub() as hub:
        environment = {
            "HF_ENDPOINT": hub.endpoint,
            "HF_HOME": str(Path(home) / "hf-home"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "BUDSIM_STORE": str(prepared(Path(home))),
            "NO_PROXY": "127.0.0.1,localhost",
        }
        with LabServer(Path(home) / "lab", environment) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
            page = browser.new_page(viewport={"width": 1280, "height": 2400})
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            Notebook(page, server, written(server)).open().run_all()
            panel = PanelOnScreen(page)
            panel.result.wait_for()
            page.locator(BARE[0]).wait_for()
            times: dict[tuple[str, str], list[float]] = {PANEL: [], BARE: []}
            for at in range(keys + 10):
                for place, found in times.items():
                    # there and back again: the ends of a slider change nothing
                    found.append(measure(page, place, "ArrowRight" if at // 10 % 2 == 0 else "ArrowLeft"))
            browser.close()
    ours, bare = (found[10:] for found in times.values())
    print(f"{'':<28}{'median':>10}{'9 of 10':>11}")
    print(summary("panel, context slider", ours))
    print(summary("bare IntSlider and HTML", bare))
    print(f"ratio of the medians: {statistics.median(ours) / statistics.median(bare):.2f} (aim: at most 2)")


if __name__ == "__main__":
    main()
