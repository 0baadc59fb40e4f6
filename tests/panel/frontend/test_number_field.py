"""Every field for a whole number of the panel says what it made of what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.panel.frontend import NumberField
from panel.shown import visible_widgets

if TYPE_CHECKING:
    from budsim_widgets.panel import MemoryPanel


def fields_of(panel: MemoryPanel) -> dict[str, NumberField]:
    panel.engine_input.value = "llama.cpp"
    shown = [*visible_widgets(panel)]
    panel.use_input.value = "Fine-tune it"
    shown += visible_widgets(panel)
    return {one.description: one for one in shown if isinstance(one, NumberField)}


def typed(field: NumberField, text: str) -> None:
    field._handle_custom_msg({"text": text}, [])


def test_they_are_all_of_one_kind(panel: MemoryPanel) -> None:
    assert set(fields_of(panel)) == {
        *("Number of devices", "Batch size", "Context length"),
        *("Layers on the GPU", "Experts in RAM", "LoRA rank"),
    }


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "1e9", "many", "8k", "9,999,999,999"])
def test_what_is_typed_is_corrected_in_sight(panel: MemoryPanel, text: str) -> None:
    for name, field in fields_of(panel).items():
        typed(field, text)
        assert field.min <= field.value <= field.max, name
        assert (text == "0" and field.min == 0) or field.said, name
        typed(field, "2")
        assert (field.value, field.said) == (2, ""), name


def test_where_the_number_stays_as_it_was_the_page_is_told_to_show_it(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = panel.batch_size_input
    sent: list[Any] = []
    monkeypatch.setattr(field, "send", sent.append)
    typed(field, "0")
    assert (field.value, field.said) == (1, "0 is less than 1: 1 is taken.")
    assert sent == [{"do": "show"}]


def test_a_number_set_by_code_is_bounded_and_said_as_well(panel: MemoryPanel) -> None:
    panel.batch_size_input.value = -3
    assert (panel.batch_size_input.value, panel.batch_size_input.said) == (1, "-3 is less than 1: 1 is taken.")
    panel.batch_size_input.value = 3
    assert panel.batch_size_input.said == ""


def test_the_context_is_the_slider_s_too(panel: MemoryPanel) -> None:
    typed(panel.seq_length_input, "32k")
    assert panel.context_slider.value == panel.seq_length_input.value == 32_768
    assert panel.seq_length_input.said == "32k is read as 32,768."
    panel.context_slider.value = 65_536
    assert (panel.seq_length_input.value, panel.seq_length_input.said) == (65_536, "")


@pytest.mark.parametrize("message", ["text", None, [], {"text": 3}, {}])
def test_other_messages_change_nothing(message: Any) -> None:
    field = NumberField(4, max=64)
    field._handle_custom_msg(message, [])
    assert (field.value, field.said) == (4, "")


def test_the_sentence_is_said_in_the_panel_s_language(make_panel: Any) -> None:
    field = make_panel(language="zh").batch_size_input
    typed(field, "0")
    assert field.said == "0 小于 1\N{FULLWIDTH COLON}取 1。"
