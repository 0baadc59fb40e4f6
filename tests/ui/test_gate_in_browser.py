"""The gate at the size of a laptop's screen: what comes later into the box leaves its buttons in sight."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import FINE_GRAINED_TOKEN, NEWCOMER_TOKEN
from playwright.sync_api import expect

from ui.lab import Notebook, PanelOnScreen

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from ui.lab import LabServer

pytestmark = pytest.mark.browser

GATED = "google/gemma-3-4b-it"


def notebook_with(token: str) -> str:
    code = f"import os\nos.environ['HF_TOKEN'] = {token!r}\nimport budsim_widgets as bw\nbw.MemoryPanel({GATED!r})"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": code}
    kernel = {"name": "python3", "display_name": "Python 3"}
    return json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize("token", [NEWCOMER_TOKEN, FINE_GRAINED_TOKEN])
def test_the_account_is_said_and_the_buttons_stay_in_sight(
    page: Page, lab: LabServer, store_path: Path, token: str
) -> None:
    for path in store_path.parent.iterdir():
        path.unlink()
    page.set_viewport_size({"width": 1280, "height": 900})
    name = f"gate-{token[-1]}.ipynb"
    (lab.folder / name).write_text(notebook_with(token), encoding="utf-8")
    notebook = Notebook(page, lab, name).open()
    notebook.run_all()
    panel = PanelOnScreen(page)
    panel.button("Calculate memory").click()
    expect(panel.paste_box).to_be_focused()
    expect(panel.box).to_contain_text("Logged in as ")
    expect(panel.button("Submit configuration")).to_be_in_viewport(ratio=1)
    expect(panel.button("Cancel")).to_be_in_viewport(ratio=1)
    notebook.close()
