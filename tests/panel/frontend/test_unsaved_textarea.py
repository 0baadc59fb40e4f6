"""Text that goes between the page and the kernel, and is no state of a widget."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budsim_widgets.panel.frontend import UnsavedTextarea
from budsim_widgets.panel.frontend.unsaved_textarea import LONGEST_SHOWN


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> UnsavedTextarea:
    field = UnsavedTextarea(description="Config")
    field.sent = []
    monkeypatch.setattr(field, "send", field.sent.append)
    return field


def test_the_text_is_in_no_state(field: UnsavedTextarea) -> None:
    field.value = "mark of a paste"
    field._handle_custom_msg({"text": "mark of a paste, typed on", "view": "v1"}, [])
    assert "mark of a paste" not in str(field.get_state())
    assert field.get_state()["description"] == "Config"


def test_what_is_typed_is_its_value_and_is_not_put_back_where_it_was_typed(field: UnsavedTextarea) -> None:
    heard: list[Any] = []
    field.observe(heard.append, "value")
    field._handle_custom_msg({"text": "{}", "view": "v1"}, [])
    assert (field.value, len(heard)) == ("{}", 1)
    assert field.sent == [{"text": "{}", "view": "v1"}]
    field.value = ""
    assert field.sent[-1] == {"text": "", "view": ""}


def test_a_view_that_is_opened_later_gets_the_text(field: UnsavedTextarea) -> None:
    field.value = "{}"
    field.sent.clear()
    field._handle_custom_msg({"asks": "v2"}, [])
    assert field.sent == [{"text": "{}", "asked": "v2"}]


@pytest.mark.parametrize("message", ["text", None, [], {"text": 3, "view": "v1"}, {"text": None}, {"view": "v1"}, {}])
def test_other_messages_change_nothing(field: UnsavedTextarea, message: Any) -> None:
    field.value = "{}"
    field._handle_custom_msg(message, [])
    assert field.value == "{}"


def test_of_a_text_that_is_too_long_to_be_laid_out_the_page_has_the_beginning(field: UnsavedTextarea) -> None:
    text = "{" + "\n" * LONGEST_SHOWN
    field._handle_custom_msg({"text": text, "view": "v1"}, [])
    assert field.value == text
    assert field.sent[-1]["held"].startswith("The first 2,000 of 100,001 characters are shown; all of them")
    assert field.sent[-1]["text"] == text[:2_000] + "…"
    field.value = text[:-1]
    assert field.sent[-1] == {"text": field.value, "view": ""}


def test_a_text_of_which_the_beginning_is_shown_is_emptied_by_its_button(field: UnsavedTextarea) -> None:
    field.value = "x" * (LONGEST_SHOWN + 1)
    field._handle_custom_msg({"text": "", "view": "v1"}, [])
    assert (field.value, field.sent[-1]) == ("", {"text": "", "view": "v1"})
    assert field.get_state()["clear_label"] == "Empty the box"


def test_a_pasted_text_with_lists_of_single_experts_is_folded_before_it_is_shown(field: UnsavedTextarea) -> None:
    layers = {
        f"model.layers.{layer}.mlp.experts.{one}.up": {"quant_algo": "NVFP4"}
        for layer in (0, 1)
        for one in range(2_000)
    }
    text = json.dumps({"hidden_size": 64, "quantization_config": {"quantized_layers": layers}})
    assert len(text) > LONGEST_SHOWN
    field._handle_custom_msg({"text": text, "view": "v1"}, [])
    assert field.value.count("quant_algo") == 2
    # to the view where it was pasted as well
    assert field.sent == [{"text": field.value, "view": ""}]


def test_a_text_beyond_what_is_ever_looked_at_is_not_folded(field: UnsavedTextarea) -> None:
    text = '{"quantized_layers": {"l.0.experts.0.up": {}, "l.0.experts.1.up": {}}' + " " * field.longest
    field._handle_custom_msg({"text": text, "view": "v1"}, [])
    assert field.value == text


def test_that_a_text_begins_to_change_is_heard_before_the_text(field: UnsavedTextarea) -> None:
    field.value = "{}"
    heard: list[Any] = []
    field.observe(heard.append, "edits")
    field._handle_custom_msg({"is_edited": True}, [])
    assert (len(heard), field.value) == (1, "{}")


def test_a_file_of_the_text_that_is_known_is_shown_where_the_field_was_emptied_meanwhile(
    field: UnsavedTextarea,
) -> None:
    field.put("{}")
    field.put("{}")
    assert field.sent == [{"text": "{}", "view": ""}] * 2
