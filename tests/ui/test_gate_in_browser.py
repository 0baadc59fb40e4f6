"""The gate at the size of a laptop's screen: what comes later into the box leaves its buttons in sight."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import FINE_GRAINED_TOKEN, GATED_CONFIGS, MEMBER_TOKEN, NEWCOMER_TOKEN, PARAMETERS
from hub.scenario import model
from playwright.sync_api import expect

from ui.lab import Notebook, PanelOnScreen

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub
    from playwright.sync_api import Page

    from ui.lab import LabServer

pytestmark = pytest.mark.browser

GATED = "google/gemma-3-4b-it"


def notebook_with(token: str, model_id: str = GATED) -> str:
    login = f"import os\nos.environ['HF_TOKEN'] = {token!r}\n" if token else ""
    code = f"{login}import budsim_widgets as bw\nbw.MemoryPanel({model_id!r})"
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


def at_the_gate(
    page: Page, lab: LabServer, store_path: Path, name: str, model_id: str = GATED
) -> tuple[Notebook, PanelOnScreen]:
    """A panel that asks for the config of a gated model, and nobody logged in."""
    for path in store_path.parent.iterdir():
        path.unlink()
    page.set_viewport_size({"width": 1280, "height": 900})
    (lab.folder / name).write_text(notebook_with("", model_id), encoding="utf-8")
    notebook = Notebook(page, lab, name).open()
    notebook.run_all()
    panel = PanelOnScreen(page)
    panel.button("Calculate memory").click()
    expect(panel.paste_box).to_be_focused()
    return notebook, panel


def test_after_a_login_in_a_terminal_another_try_goes_on(page: Page, lab: LabServer, store_path: Path) -> None:
    notebook, panel = at_the_gate(page, lab, store_path, "retry.ipynb", "meta-llama/Llama-3.1-8B")
    expect(panel.button("Try again")).to_be_in_viewport(ratio=1)
    panel.button("Try again").click()
    expect(panel.box).to_contain_text("asked again, and its answer is the same")
    login = lab.hub_home / "token"
    login.write_text(MEMBER_TOKEN, encoding="utf-8")  # what `hf auth login` writes
    try:
        panel.button("Try again").click()
        expect(panel.result).to_contain_text("8.03B parameters")
        expect(panel.paste_box).to_be_hidden()
    finally:
        login.unlink()
    notebook.close()


def test_a_public_copy_is_found_taken_and_called_one(
    page: Page, lab: LabServer, lab_hub: LoopbackHub, store_path: Path
) -> None:
    copy = "somebody/gemma-3-4b-it"
    published = (("BF16", PARAMETERS[GATED]),)
    lab_hub.put(model(copy, GATED_CONFIGS[GATED], base_model=GATED, parameters=published))
    notebook, panel = at_the_gate(page, lab, store_path, "copies.ipynb")
    panel.button("Find public copies").click()
    panel.button(f"Use the config of {copy}").click()
    expect(panel.result).to_contain_text("4.30B parameters")
    expect(panel.box).to_contain_text(f"config copied from {copy}")
    expect(panel.paste_box).to_be_hidden()
    notebook.close()
