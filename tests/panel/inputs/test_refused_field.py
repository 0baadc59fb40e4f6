"""A refused value is marked in its field, and in no other, until it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub.repos import MEMBER_TOKEN

from budsim_widgets.panel.inputs.refused_field import is_refused
from panel.shown import visible_widgets

if TYPE_CHECKING:
    from budsim_widgets.panel import MemoryPanel

PUBLIC = "Qwen/Qwen2.5-7B"


def refused(panel: MemoryPanel) -> list[str]:
    return [one.description for one in visible_widgets(panel) if hasattr(one, "_dom_classes") and is_refused(one)]


@pytest.mark.parametrize("model", ["", "not a model", "https://huggingface.co/datasets/x/y", MEMBER_TOKEN])
async def test_a_text_that_names_no_model(panel: MemoryPanel, model: str) -> None:
    panel.model_input.value = model
    panel.calculate_button.click()
    await panel.idle()
    assert refused(panel) == ["Model"]
    panel.model_input.value = PUBLIC
    assert refused(panel) == []


async def test_an_accelerator_that_nobody_knows_and_another_one(panel: MemoryPanel) -> None:
    panel.model_input.value = PUBLIC
    for name in ("a toaster", "another toaster"):
        panel.accelerator_input.value = name
        assert refused(panel) == ["Accelerator"]
    panel.accelerator_input.value = "RTX 4090"
    assert refused(panel) == []
    panel.calculate_button.click()
    await panel.idle()
    assert refused(panel) == []


def test_an_access_token_in_the_field_of_the_accelerator(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = MEMBER_TOKEN
    assert refused(panel) == ["Accelerator"]


def test_no_models_to_compare(panel: MemoryPanel) -> None:
    panel.compare_button.click()
    assert refused(panel) == ["Models to compare"]


async def test_the_next_success_accepts_what_was_refused(panel: MemoryPanel) -> None:
    panel.compare_button.click()
    panel.model_input.value = PUBLIC
    panel.calculate_button.click()
    await panel.idle()
    assert refused(panel) == []
