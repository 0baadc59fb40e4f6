"""Before the first result: one line about what this is, and models to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.data import load_table
from budsim_widgets.panel.inputs.first_screen import EXAMPLES
from panel.shown import text_of, visible_widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from budsim_widgets.panel import MemoryPanel


def first_buttons(panel: MemoryPanel) -> dict[str, object]:
    return {one.description: one for one in visible_widgets(panel) if getattr(one, "description", "") in EXAMPLES}


def test_it_says_in_one_line_what_this_is(panel: MemoryPanel) -> None:
    assert text_of(panel).startswith("How much VRAM do I need? What fits on my card?")


def test_no_placeholder_looks_like_a_value(panel: MemoryPanel) -> None:
    known = load_table("published")["parameters"]
    placeholders = [getattr(one, "placeholder", "") for one in visible_widgets(panel)]
    assert not [text for text in placeholders if any(model in text for model in known)]


async def test_a_click_on_an_example_calculates_it(panel: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    buttons = first_buttons(panel)
    assert len(buttons) == len(EXAMPLES) == 3
    buttons[EXAMPLES[0]].click()  # type: ignore[attr-defined]
    await panel.idle()
    assert panel.model_input.value == EXAMPLES[0]
    assert panel.result.model_id == EXAMPLES[0]
    assert loopback_hub.requests_for(EXAMPLES[0])


async def test_it_makes_room_for_a_result(panel: MemoryPanel) -> None:
    panel.model_input.value = "Qwen/Qwen2.5-7B"
    panel.calculate_button.click()
    await panel.idle()
    assert not first_buttons(panel)
    assert text_of(panel).startswith("Fits on")


def test_whoever_names_a_model_needs_no_example(make_panel: Callable[..., MemoryPanel]) -> None:
    assert not first_buttons(make_panel("Qwen/Qwen2.5-7B"))
