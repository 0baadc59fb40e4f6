"""The result on screen follows the fields, without a request; where it can't, it says that it is an earlier one."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets
import pytest

from panel.shown import text_of, visible_widgets

if TYPE_CHECKING:
    from hub.loopback import LoopbackHub

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

PUBLIC = "Qwen/Qwen2.5-7B"
SMALL = "Qwen/Qwen2.5-0.5B"


def calculated(panel: MemoryPanel, model: str = PUBLIC) -> MemoryPanel:
    panel.model_input.value = model
    panel.calculate_button.click()
    return panel


def numbers(report: Any) -> str:
    """All of a report but where its config came from: the second time, that is the catalog."""
    return json.dumps(report.to_dict()).replace('"huggingface"', '"catalog"')


@pytest.mark.parametrize(("field", "value"), [("batch_size", 16), ("seq_length", 65536), ("precision", "int4")])
def test_a_result_follows_the_numbers_without_a_request(
    panel: MemoryPanel, loopback_hub: LoopbackHub, actions: Actions, field: str, value: int | str
) -> None:
    before = calculated(panel).result
    loopback_hub.reset()
    getattr(panel, f"{field}_input").value = value
    assert loopback_hub.requests == ()
    assert numbers(panel.result) == numbers(actions.calculate(PUBLIC, **{field: value})) != numbers(before)


def test_a_result_at_a_revision_follows_the_numbers_without_a_request(
    panel: MemoryPanel, loopback_hub: LoopbackHub
) -> None:
    calculated(panel, "openai-community/gpt2@refs/pr/1")
    loopback_hub.reset()
    panel.batch_size_input.value = 5
    assert panel.result.workload.batch_size == 5
    assert loopback_hub.requests == ()


def test_an_analysis_follows_the_numbers(panel: MemoryPanel) -> None:
    panel.model_input.value = PUBLIC
    panel.analyze_button.click()
    before = panel.result
    panel.seq_length_input.value = 4096
    assert panel.result is before
    panel.batch_size_input.value = 2
    assert panel.result.reports[0].workload.batch_size == 2


def test_a_result_of_another_model_stays_as_it_is(panel: MemoryPanel) -> None:
    before = calculated(panel).result
    panel.model_input.value = SMALL
    panel.batch_size_input.value = 16
    assert panel.result is before


def test_a_comparison_follows_the_numbers_without_a_request(panel: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    panel.compare_input.value = f"{PUBLIC} no/such-model {SMALL}"
    panel.compare_button.click()
    panel.prompt.skip_button.click()
    before = panel.result
    loopback_hub.reset()
    panel.batch_size_input.value = 16
    assert panel.result.workload.batch_size == 16
    assert [row.report and row.report.workload.batch_size for row in panel.result.rows] == [16, None, 16]
    assert panel.result.rows[1].error is before.rows[1].error
    assert "batch size 16" in text_of(panel)
    assert loopback_hub.requests == ()


def test_other_models_to_compare_make_the_comparison_an_earlier_one(panel: MemoryPanel) -> None:
    panel.compare_input.value = PUBLIC
    panel.compare_button.click()
    before = panel.result
    panel.compare_input.value = SMALL
    panel.batch_size_input.value = 16
    assert panel.result is before
    assert "this is an earlier result" in text_of(panel)


def test_the_verdict_follows_the_accelerator(panel: MemoryPanel) -> None:
    calculated(panel)
    panel.accelerator_input.value = "T4 16GB"
    assert text_of(panel).startswith("Does not fit on one NVIDIA T4 16GB")
    panel.accelerator_input.value = "H100 80GB"
    assert text_of(panel).startswith("Fits on one NVIDIA H100 80GB")
    assert panel.result.workload.accelerator.name == "H100 80GB"


@pytest.mark.parametrize("engine", ["sglang", "vllm", "llama.cpp"])
@pytest.mark.parametrize("card", ["RTX 4090", "2x H100", "M3 Max 64GB"])
def test_a_model_takes_on_a_card_what_fit_says_however_it_is_asked_for(
    panel: MemoryPanel, actions: Actions, engine: str, card: str
) -> None:
    panel.accelerator_input.value = card
    panel.engine_input.value = engine
    asked = actions.fitting.fit(SMALL, card, engine=engine).memory.total_bytes
    assert calculated(panel, SMALL).result.total_bytes == panel.fit_report.memory.total_bytes == asked
    panel.compare_input.value = SMALL
    panel.compare_button.click()
    assert [one.total_bytes for one in panel.result.reports] == [asked]
    panel.analyze_button.click()
    assert [one.total_bytes for one in panel.result.reports if one.workload.seq_length == 2048] == [asked]


@pytest.mark.parametrize("button", ["compare_button", "analyze_button"])
def test_a_comparison_and_an_analysis_follow_the_accelerator(panel: MemoryPanel, actions: Actions, button: str) -> None:
    panel.engine_input.value = "sglang"
    panel.model_input.value = panel.compare_input.value = SMALL
    getattr(panel, button).click()
    panel.accelerator_input.value = "H100 80GB"
    asked = actions.fitting.fit(SMALL, "H100 80GB", engine="sglang").memory.total_bytes
    assert asked in [one.total_bytes for one in panel.result.reports]
    assert "earlier result" not in text_of(panel)


def test_an_option_changes_the_form_and_the_result_follows(panel: MemoryPanel) -> None:
    panel.accelerator_input.value = "RTX 3060 12GB"
    assert calculated(panel).fit_report.verdict == "does_not_fit"
    options = [
        widget
        for widget in visible_widgets(panel)
        if isinstance(widget, ipywidgets.Button) and widget.description.startswith("precision")
    ]
    options[0].click()
    assert panel.precision_input.value != "auto"
    assert panel.fit_report.verdict == "fits"


def test_a_result_of_other_fields_says_that_it_is_an_earlier_one(panel: MemoryPanel) -> None:
    calculated(panel)
    assert "earlier result" not in text_of(panel)
    panel.model_input.value = SMALL
    assert "this is an earlier result" in text_of(panel)
    panel.model_input.value = PUBLIC
    assert "earlier result" not in text_of(panel)


async def test_a_step_of_the_slider_sends_the_result_and_what_can_be_done_with_it_once_it_rests(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.accelerator_input.value = "RTX 4090"
    calculated(panel)
    await panel.idle()
    sent: list[ipywidgets.Widget] = []
    monkeypatch.setattr(ipywidgets.Widget, "_send", lambda widget, *_, **__: sent.append(widget))
    moved = [panel.context_slider, panel.seq_length_input, panel._view._answer, panel._view._details]
    for tokens in (4096, 5120, 6144):
        sent.clear()
        panel.context_slider.value = tokens
        # that the verdicts of the precisions are being found is said once
        expected = [*moved, panel._view.glance.chips] if tokens == 4096 else moved
        assert sorted(sent, key=id) == sorted(expected, key=id)
    assert "6,144 tokens" in text_of(panel)
    assert "5120" not in panel._view.take_away.code
    await panel.idle()
    assert "seq_length=6144" in panel._view.take_away.code


def test_a_mistyped_model_of_a_comparison_holds_up_no_other(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{PUBLIC} no/such-model {SMALL}"
    panel.compare_button.click()
    assert panel.prompt.visible
    assert panel.pending is not None
    assert [row.report is not None for row in panel.result.rows] == [True, False, True]
    panel.prompt.cancel_button.click()
    assert "7.62B" in text_of(panel)


def test_a_text_that_comes_while_its_result_is_shown_is_not_lost(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another thread, as in a kernel: after the result was held against the fields, before that is shown."""
    view = panel._view
    show_stale, typing = view.show_stale, []

    def with_a_text_meanwhile(sentence: str) -> None:
        if not typing:
            typing.append(threading.Thread(target=lambda: setattr(panel.model_input, "value", SMALL)))
            typing[0].start()
            typing[0].join(0.2)  # where nothing keeps it waiting, it is through by then
        show_stale(sentence)

    panel.model_input.value = PUBLIC
    monkeypatch.setattr(view, "show_stale", with_a_text_meanwhile)
    panel.calculate_button.click()
    typing[0].join()
    assert "an earlier result" in text_of(panel)
