"""A config of 3 MB, and files that are no config, brought to the paste box of a real JupyterLab."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B
from playwright.sync_api import expect

from ui.bare_page import COPY

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from ui.lab import PanelOnScreen

pytestmark = pytest.mark.browser

EXPERTS, LAYERS = 128, 60
DROP = """(element, [name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    element.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
FILES: tuple[tuple[str, int | bytes, str], ...] = (
    ("empty.json", b"", "empty.json' is empty."),
    ("model.safetensors", bytes([3, 2, 1, 0, 0, 0, 0, 0]) + b'{"weight":' + bytes(400), "safetensors"),
    ("picture.json", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "UTF-8"),
    ("huge.json", 200 * 10**6, "The text has more than 6,144 KiB"),
)


def large_config() -> str:
    layers = {
        f"model.layers.{layer}.mlp.experts.{expert}.{part}": {"quant_algo": "NVFP4", "group_size": 16}
        for layer in range(LAYERS)
        for expert in range(EXPERTS)
        for part in ("gate_proj", "up_proj", "down_proj")
    }
    quantization = {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": layers}
    return json.dumps({**LLAMA_3_1_8B, "quantization_config": quantization}, indent=2)


@pytest.fixture
def box(panel: PanelOnScreen) -> Locator:
    """The open paste box."""
    panel.button("Calculate memory").click()
    panel.paste_box.wait_for()
    return panel.box.locator(".budsim-prompt")


def test_files_that_are_no_config_say_so_and_one_of_megabytes_is_taken(
    panel: PanelOnScreen, box: Locator, tmp_path: Path
) -> None:
    panel.paste_box.fill("mine")
    for name, content, said in FILES:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else b"[")
        if isinstance(content, int):
            os.truncate(path, content)
        box.locator("input[type=file]").set_input_files(path)
        expect(box.locator(".budsim-alert")).to_contain_text(said)
        expect(panel.paste_box).to_have_value("mine")
    box.evaluate(DROP, ["dropped.json", ""])
    expect(box.locator(".budsim-alert")).to_contain_text("dropped.json' is empty.")

    # what was wrong with a text goes with the first change of it
    panel.paste_box.press("End")
    panel.paste_box.press_sequentially("!")
    expect(box.locator(".budsim-alert")).to_have_count(0)

    long = "x" * 150_000
    box.page.evaluate(COPY, long)
    panel.paste_box.press("Control+A")
    panel.paste_box.press("Control+V")
    expect(box).to_contain_text(f"The first 2,000 of {len(long):,} characters are shown")
    panel.button("Empty the box").click()
    expect(panel.paste_box).to_have_value("")

    # lists of single experts are folded before they are shown, pasted or in a file
    text = large_config()
    assert len(text) > 2_500_000
    box.page.evaluate(COPY, text)
    panel.paste_box.press("Control+V")
    expect(panel.paste_box).to_have_value(re.compile("hidden_size"))
    expect(panel.button("Empty the box")).to_be_hidden()
    panel.paste_box.fill("")
    box.evaluate(DROP, ["config.json", text])
    expect(panel.paste_box).to_have_value(re.compile("hidden_size"))
    panel.paste_box.press("Control+Enter")
    expect(panel.result).to_contain_text("8.03B parameters")
