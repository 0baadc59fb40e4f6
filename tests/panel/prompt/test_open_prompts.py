from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hub.repos import GATED_CONFIGS, LLAMA_3_1_8B

from budsim_widgets.actions import Actions
from budsim_widgets.panel import MemoryPanel
from budsim_widgets.panel.prompt import open_prompts
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LLAMA, MISTRAL = "meta-llama/Llama-3.1-8B", "mistralai/Mistral-7B-v0.3"


def asking(panel: MemoryPanel) -> MemoryPanel:
    panel.calculate_button.click()
    assert panel.prompt.visible
    return panel


def paste(panel: MemoryPanel, config: dict[str, object]) -> None:
    panel.prompt.text_input.value = json.dumps(config)
    panel.prompt.submit_button.click()


def test_what_is_pasted_into_one_panel_lets_the_other_go_on(make_panel: Callable[..., MemoryPanel]) -> None:
    first, second = asking(make_panel(LLAMA)), asking(make_panel(LLAMA, batch_size=8))
    paste(first, LLAMA_3_1_8B)
    assert not second.prompt.visible
    assert second.prompt.text_input.value == ""
    assert second.result.workload.batch_size == 8
    assert second.result.num_parameters == first.result.num_parameters
    assert LLAMA in second.prompt.message


def test_the_same_model_named_by_its_address_is_the_same(make_panel: Callable[..., MemoryPanel]) -> None:
    first, second = asking(make_panel(LLAMA)), asking(make_panel(f"https://huggingface.co/{LLAMA}"))
    paste(first, LLAMA_3_1_8B)
    assert not second.prompt.visible


def test_a_panel_that_waits_for_another_model_waits_on(make_panel: Callable[..., MemoryPanel]) -> None:
    first, second = asking(make_panel(LLAMA)), asking(make_panel(MISTRAL))
    second.prompt.text_input.value = "half a paste"
    paste(first, LLAMA_3_1_8B)
    assert second.prompt.visible
    assert second.prompt.text_input.value == "half a paste"
    paste(second, GATED_CONFIGS[MISTRAL])
    assert second.result is not None


def test_a_panel_with_another_store_waits_on(
    make_panel: Callable[..., MemoryPanel], actions: Actions, tmp_path: Path
) -> None:
    other = Actions(Resolver(ConfigStore(tmp_path / "other.json"), actions.resolver.hub))
    first, second = asking(make_panel(LLAMA)), asking(MemoryPanel(LLAMA, actions=other))
    paste(first, LLAMA_3_1_8B)
    assert second.prompt.visible


def test_a_refused_paste_closes_no_box(make_panel: Callable[..., MemoryPanel]) -> None:
    first, second = asking(make_panel(LLAMA)), asking(make_panel(LLAMA))
    paste(first, {"model_type": "llama"})
    assert first.prompt.visible
    assert second.prompt.visible


def test_a_closed_panel_waits_for_nothing(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = asking(make_panel(LLAMA))
    waiting = panel.prompt._after_saving
    assert waiting in open_prompts._OPEN
    panel.close()
    assert waiting not in open_prompts._OPEN
