from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

LLAMA = "meta-llama/Llama-3.1-8B"
ANOTHERS = {**LLAMA_3_1_8B, "num_hidden_layers": 16}


def paste(panel: MemoryPanel, config: dict[str, object]) -> None:
    panel.prompt.text_input.value = json.dumps(config)
    panel.prompt.submit_button.click()


def is_shown(panel: MemoryPanel) -> bool:
    return panel.prompt.undo_button.layout.display != "none"


@pytest.fixture
def asking(make_panel: Callable[..., MemoryPanel]) -> MemoryPanel:
    """A panel whose box is open."""
    panel = make_panel(LLAMA, batch_size=4)
    panel.calculate_button.click()
    assert panel.prompt.visible
    return panel


def test_a_config_that_agrees_with_the_hub_has_no_way_back(asking: MemoryPanel) -> None:
    paste(asking, LLAMA_3_1_8B)
    assert asking.result is not None
    assert not is_shown(asking)


def test_a_config_that_differs_can_be_taken_back_and_the_box_opens_again(asking: MemoryPanel, actions: Actions) -> None:
    paste(asking, ANOTHERS)
    assert asking.result.num_parameters < 6e9
    assert is_shown(asking)

    asking.prompt.undo_button.click()
    assert actions.resolver.store.get(LLAMA) is None
    assert asking.result is None
    assert asking._view.result.layout.display == "none"
    assert asking.prompt.visible
    assert not is_shown(asking)

    paste(asking, LLAMA_3_1_8B)
    assert asking.result.workload.batch_size == 4, "what was started goes on with its own numbers"
    assert asking.result.num_parameters == 8_030_261_248


def test_the_config_that_was_there_before_counts_again(actions: Actions) -> None:
    actions.submit_config(LLAMA, LLAMA_3_1_8B)
    actions.submit_config(LLAMA, ANOTHERS)
    restored = actions.saved.undo(LLAMA)
    assert restored is not None
    assert restored.config["num_hidden_layers"] == 32


@pytest.mark.parametrize("follows", ["calculate", "analyze"])
def test_the_way_back_is_gone_when_something_else_begins(asking: MemoryPanel, follows: str) -> None:
    paste(asking, ANOTHERS)
    asking.model_input.value = "Qwen/Qwen2.5-7B"
    getattr(asking, f"{follows}_button").click()
    assert not is_shown(asking)
