"""What *Copy as code* gives is run: it answers what stands on screen, for every kind of result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import budsim_widgets as bw
from budsim_widgets.panel.html.layouts import SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

PUBLIC, SMALL, GPT2 = "Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-0.5B", "openai-community/gpt2"
VLLM = bw.VLLM(version="0.10", max_num_seqs=64)
LLAMA_CPP = bw.LlamaCpp(gpu_layers=7, flash_attention=False)

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "calculate": ("calculate", {"batch_size": 4, "precision": "fp8"}),
    "calculate in pieces": ("calculate", {"device_count": 2, "engine": VLLM, "kv_cache_precision": "fp8"}),
    "calculate with llama.cpp": ("calculate", {"engine": LLAMA_CPP, "precision": "Q4_K_M"}),
    "fit": ("calculate", {"accelerator": "RTX 4090", "seq_length": 8192}),
    "fit on several": ("calculate", {"accelerator": "2x3090", "engine": VLLM}),
    "fit on an amount of memory": ("calculate", {"accelerator": "10 GB"}),
    "fit with llama.cpp": ("calculate", {"accelerator": "T4", "engine": LLAMA_CPP}),
    "fit on one of several named": ("calculate", {"accelerator": "2x3090", "device_count": 1}),
    "analyze": ("analyze", {"batch_size": 2, "engine": "sglang"}),
    "analyze on a card": ("analyze", {"accelerator": "T4"}),
    "compare": ("compare", {"compare": [PUBLIC, SMALL, GPT2], "seq_length": 512}),
    "compare on a card": ("compare", {"compare": [PUBLIC, SMALL], "accelerator": "2x T4", "engine": "vllm"}),
    "finetune": ("finetune", {"training": {"method": "qlora", "lora_rank": 64, "optimizer": "paged-adamw-8bit"}}),
    "finetune on a card": ("finetune", {"accelerator": "RTX 4090", "training": {"gradient_checkpointing": False}}),
    "finetune on several": ("finetune", {"accelerator": "4x A100 80GB", "training": {"method": "full"}}),
    "finetune, nothing shared": ("finetune", {"device_count": 2, "training": {"sharding": None, "tool": "unsloth"}}),
}


def press(panel: MemoryPanel, ask: str) -> None:
    getattr(panel, f"{ask}_button").click()


@pytest.fixture(autouse=True)
def known_models(actions: Actions) -> None:
    """So that each question finds its config in the same place."""
    for model_id in (PUBLIC, SMALL, GPT2):
        actions.get_config(model_id)


@pytest.fixture
def run(actions: Actions, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Runs a line in a notebook whose Hub and store are those of the test."""
    monkeypatch.setattr("budsim_widgets.actions.default_actions", lambda: actions)
    monkeypatch.setattr("budsim_widgets.panel.memory_panel.default_actions", lambda: actions)
    return lambda code: eval(code, {"bw": bw})  # noqa: S307 - what a person would run


def on_screen(panel: MemoryPanel) -> Any:
    return panel.fit_report if panel.fit_report is not None else panel.result


def told(report: Any) -> dict[str, Any]:
    """All that it says, but where the config of a fit comes from: the panel's calculation says it."""
    found: dict[str, Any] = report.to_dict()
    if "memory" in found:
        found["memory"] = {**found["memory"], "config_source": ""}
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_copied_line_answers_what_is_on_screen(
    make_panel: Callable[..., MemoryPanel], run: Callable[[str], Any], case: str
) -> None:
    ask, fields = CASES[case]
    panel = make_panel(PUBLIC, ask=ask, **fields)
    press(panel, ask)
    code = panel._view.take_away.code
    assert code.startswith(f"bw.{'fit' if panel.fit_report is not None else ask}(")
    assert told(run(code)) == told(on_screen(panel))


@pytest.mark.parametrize("case", CASES)
def test_the_link_and_the_notebook_ask_what_is_on_screen(
    make_panel: Callable[..., MemoryPanel], run: Callable[[str], Any], case: str
) -> None:
    ask, fields = CASES[case]
    panel = make_panel(PUBLIC, ask=ask, **fields)
    press(panel, ask)
    notebook = panel.notebook_text()
    line = next(part for part in notebook.splitlines() if "bw.MemoryPanel(" in part).strip().strip('",')
    linked = bw.MemoryPanel.from_link(panel._view.take_away.link, actions=panel._actions)
    for again in (linked, run(line)):
        press(again, ask)
        assert on_screen(again).to_dict() == on_screen(panel).to_dict()


@pytest.mark.parametrize("case", CASES)
def test_markdown_and_picture_are_of_the_same_result(make_panel: Callable[..., MemoryPanel], case: str) -> None:
    ask, fields = CASES[case]
    panel = make_panel(PUBLIC, ask=ask, **fields)
    press(panel, ask)
    taken = panel._view.take_away
    rows = [line for line in taken.markdown.splitlines() if line.startswith("| ")]
    assert len(rows) > 2
    assert {line.count(" | ") for line in rows} == {rows[0].count(" | ")}
    assert taken.picture.startswith("<svg")
    assert "NaN" not in taken.picture


def test_a_precision_that_is_chosen_is_in_what_is_copied(
    make_panel: Callable[..., MemoryPanel], run: Callable[[str], Any]
) -> None:
    panel = make_panel(PUBLIC, accelerator="RTX 4090", engine="llama.cpp")
    panel.calculate_button.click()
    panel.precision_input.value = "Q4_K_M"
    panel._shown.finish()
    assert "precision='Q4_K_M'" in panel._view.take_away.code
    assert "precision=Q4_K_M" in panel._view.take_away.link
    assert told(run(panel._view.take_away.code)) == told(panel.fit_report)
    assert panel._view.result.layout.display == SHOWN
