"""A GGUF file opened in the panel: the browser gives the pieces that the kernel asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from gguf_files import header
from test_gguf_files import TENSORS, VALUES

import budsim_widgets as bw
from budsim_widgets.errors import ConfigError
from panel.shown import text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from budsim_widgets.panel import MemoryPanel

CONTENT = header(VALUES, TENSORS)
HUGE = 5 * 10**9


class Browser:
    """Answers as the front end does."""

    def __init__(self, panel: MemoryPanel) -> None:
        self._upload = panel._inputs.gguf
        self._upload.send = self._on_message  # type: ignore[method-assign]
        self._told: list[dict[str, Any]] = []
        self.num_bytes = 0

    def _on_message(self, content: dict[str, Any], buffers: Any = None) -> None:
        del buffers
        self._told.append(content)

    def choose(self, *files: tuple[str, bytes], size_bytes: int | None = None) -> None:
        listed = [{"name": name, "size_bytes": size_bytes or len(content)} for name, content in files]
        self._send({"type": "files", "choice": "1", "files": listed})
        while self._told and self._told[-1]["type"] == "want":
            piece = self._told.pop()
            length = piece["end"] - piece["start"]
            data = files[piece["file"]][1][piece["start"] : piece["end"]].ljust(length, b"\0")
            self.num_bytes += len(data)
            self._send({**piece, "type": "piece"}, [memoryview(data)])

    def _send(self, content: dict[str, Any], buffers: list[memoryview] | None = None) -> None:
        self._upload._handle_custom_msg(content, buffers or [])


def test_a_file_is_calculated_as_the_one_on_disk(panel: MemoryPanel, tmp_path: Path) -> None:
    browser = Browser(panel)
    browser.choose(("mine-Q4_K_M.gguf", CONTENT), size_bytes=HUGE)
    path = tmp_path / "mine-Q4_K_M.gguf"
    path.write_bytes(CONTENT)
    ours = bw.calculate(str(path))
    assert panel.error is None
    assert panel.result.to_dict() == ours.to_dict()
    assert browser.num_bytes < HUGE / 1000
    assert (panel.model_input.value, panel.engine_input.value) == (path.name, "llama.cpp")
    assert panel.to_code() == "bw.calculate('mine-Q4_K_M.gguf', engine='llama.cpp')"


def test_other_numbers_are_calculated_anew_and_the_file_stays_at_hand(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(accelerator="RTX 4090")
    Browser(panel).choose(("model.gguf", CONTENT))
    panel.seq_length_input.value = 8192
    assert panel.result.kv_cache_bytes == 1 << 30
    assert panel.fit_report is not None
    panel.analyze_button.click()
    assert panel.error is None
    panel.compare_input.value = "model.gguf"
    panel.compare_button.click()
    assert panel.result.rows[0].error is None


def test_of_two_files_of_one_name_the_later_one_counts(panel: MemoryPanel) -> None:
    browser = Browser(panel)
    browser.choose(("model.gguf", CONTENT))
    before = panel.result
    mixed = [(name, shape, 8 if "attn_v" in name else kind) for name, shape, kind in TENSORS]
    browser.choose(("model.gguf", header(VALUES, mixed)))
    assert panel.result.weight_bytes > before.weight_bytes


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\3\4" + bytes(100), "no GGUF file"),
        (CONTENT[:-10], "goes on beyond"),
        (header({**VALUES, "general.type": "mmproj"}, TENSORS), "vision projector"),
        (header({"a": 1}, TENSORS), "lacks general.architecture"),
        (b"", "empty"),
    ],
    ids=["another file", "cut off", "a projector", "no model", "empty"],
)
def test_what_is_no_model_is_said_and_the_fields_stay(panel: MemoryPanel, content: bytes, told: str) -> None:
    panel.model_input.value = "Qwen/Qwen2.5-7B"
    Browser(panel).choose(("some.gguf", content))
    assert isinstance(panel.error, ConfigError)
    assert told in text_of(panel)
    assert (panel.model_input.value, panel.engine_input.value) == ("Qwen/Qwen2.5-7B", "transformers")
    assert panel.result is None


def test_a_name_is_shown_as_it_is(panel: MemoryPanel) -> None:
    Browser(panel).choose(("<img src=x onerror=alert(1)>.gguf", CONTENT))
    assert panel.error is None
    assert "<img" not in panel._view.problem.value


def test_closing_the_panel_closes_the_button(panel: MemoryPanel) -> None:
    upload = panel._inputs.gguf
    panel.close()
    assert upload.comm is None
