"""A GGUF file of many GB opened in the panel, in Chromium: its header alone is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from gguf_files import header
from playwright.sync_api import expect
from test_gguf_files import TENSORS, VALUES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, WebSocket

    from ui.lab import PanelOnScreen

pytestmark = pytest.mark.browser

GB = 10**9
TOKENIZER = {"tokenizer.ggml.tokens": [f"token {index:06}" for index in range(128_256)]}
DROP = """element => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["{}"], "config.gguf"));
    element.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def sent(page: Page) -> list[int]:
    """The length of each message to the server, from the page's beginning."""
    lengths: list[int] = []

    def count(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: lengths.append(len(data)))

    page.on("websocket", count)
    return lengths


def test_the_header_of_a_large_file_is_read_and_what_is_dropped_is_looked_at(
    sent: list[int], panel: PanelOnScreen, tmp_path: Path
) -> None:
    path = tmp_path / "mine-Q4_K_M.gguf"
    content = header({**VALUES, **TOKENIZER}, TENSORS)
    path.write_bytes(content)
    os.truncate(path, 20 * GB)
    before = sum(sent)
    panel.box.locator("input[type=file][accept='.gguf']").set_input_files(path)
    expect(panel.result).to_contain_text("8.03B parameters")
    expect(panel.field("Model")).to_have_value(path.name)
    expect(panel.field("Engine")).to_have_value("llama.cpp")
    expect(panel.result).to_contain_text("exact")
    assert len(content) < sum(sent) - before < len(content) + 5_000_000

    panel.field("Batch size").fill("2")
    panel.button("Calculate memory").click()
    expect(panel.result).to_contain_text("batch size 2")

    panel.box.evaluate(DROP)
    expect(panel.alert).to_contain_text("This is no GGUF file.")
