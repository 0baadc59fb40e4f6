"""Ids that complete what is typed: recent ones first, then saved ones, then well-known models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.repos import LLAMA_3_1_8B

from budsim_widgets.panel.inputs.suggestions import well_known_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

PUBLIC, SMALL = "Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-0.5B"


async def asked(panel: MemoryPanel, model: str) -> None:
    panel.model_input.value = model
    panel.calculate_button.click()
    await panel.idle()


def test_well_known_models_are_there_at_once(panel: MemoryPanel) -> None:
    assert panel.model_input.options == well_known_models()
    assert PUBLIC in well_known_models()


async def test_saved_models_come_before_well_known_ones(
    make_panel: Callable[..., MemoryPanel], actions: Actions
) -> None:
    actions.resolver.store.put("my/own-model", LLAMA_3_1_8B)
    panel = make_panel()
    await panel.idle()
    assert panel.model_input.options[0] == "my/own-model"


async def test_what_was_asked_last_comes_first_also_in_the_next_panel(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel()
    for model in (PUBLIC, SMALL, PUBLIC):
        await asked(panel, model)
    again = make_panel()
    await again.idle()
    for one in (panel, again):
        assert one.model_input.options[:2] == (PUBLIC, SMALL)
        assert len(set(one.model_input.options)) == len(one.model_input.options)


async def test_what_is_no_model_is_never_suggested(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel()
    for text in ("no/such-model", "hf_" + "x" * 34, "<script>alert(1)</script>"):
        await asked(panel, text)
    again = make_panel()
    await again.idle()
    assert again.model_input.options == panel.model_input.options == well_known_models()


async def test_only_whole_ids_are_remembered(make_panel: Callable[..., MemoryPanel], actions: Actions) -> None:
    long = [f"org/{letter * 90}" for letter in "abc"]
    for model in long:
        actions.resolver.store.put(model, LLAMA_3_1_8B)
    panel = make_panel()
    for model in long:
        await asked(panel, model)
    again = make_panel()
    await again.idle()
    assert again.model_input.options[:2] == (long[2], long[1])
    assert all(len(one) == len(long[0]) for one in again.model_input.options[:3])
