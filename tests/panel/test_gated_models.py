"""From a click to a result, by way of the configs that are missing."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import GATED_CONFIGS, GEMMA_3_4B_IT, LLAMA_3_1_8B, MEMBER_TOKEN, MISTRAL_7B_V0_3
from hub.scenario import Status

from budsim_widgets.errors import GatedModelError, HubUnavailableError, ModelIdError, ModelNotFoundError
from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
from budsim_widgets.panel.html.layouts import SHOWN
from panel.shown import html_of, text_of, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.loopback import LoopbackHub

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

GATED = "meta-llama/Llama-3.1-8B"
PUBLIC, SMALL = "Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-0.5B"
MISTRAL, GEMMA = "mistralai/Mistral-7B-v0.3", "google/gemma-3-4b-it"


async def click(panel: MemoryPanel, button: str, model: str | None = None) -> None:
    if model is not None:
        panel.model_input.value = model
    getattr(panel, f"{button}_button").click()
    await panel.idle()


async def paste(panel: MemoryPanel, config: dict[str, Any] | str) -> None:
    panel.prompt.text_input.value = config if isinstance(config, str) else json.dumps(config)
    panel.prompt.submit_button.click()
    await panel.idle()


async def test_a_public_model_is_calculated(panel: MemoryPanel) -> None:
    await click(panel, "calculate", PUBLIC)
    assert panel.result.model_id == PUBLIC
    assert not panel.prompt.visible
    assert text_of(panel).startswith("Fits on one NVIDIA")


@pytest.mark.parametrize(("button", "kind"), [("calculate", MemoryReport), ("analyze", AnalysisReport)])
async def test_an_action_on_a_gated_model_resumes_by_itself(
    panel: MemoryPanel, button: str, kind: type[MemoryReport | AnalysisReport]
) -> None:
    await click(panel, button, GATED)
    assert panel.prompt.visible
    assert panel.result is None
    assert isinstance(panel.error, GatedModelError)
    assert panel.pending is not None
    assert panel.pending.type == button
    await paste(panel, LLAMA_3_1_8B)
    assert isinstance(panel.result, kind)
    assert panel.result.model_id == GATED
    assert (panel.pending, panel.error, panel.prompt.visible) == (None, None, False)


async def test_the_action_keeps_the_parameters_it_was_started_with(panel: MemoryPanel) -> None:
    panel.batch_size_input.value, panel.seq_length_input.value = 4, 8192
    panel.engine_input.value = "vllm"
    panel.precision_input.value = "fp8"
    await click(panel, "calculate", GATED)
    panel.batch_size_input.value, panel.seq_length_input.value = 1, 1024
    panel.engine_input.value = "transformers"
    panel.precision_input.value = "bf16"
    panel.model_input.value = PUBLIC
    assert panel.pending is not None
    assert panel.pending.params == {
        "model": GATED,
        "batch_size": 4,
        "seq_length": 8192,
        "precision": "fp8",
        "engine": "vllm",
    }
    await paste(panel, LLAMA_3_1_8B)
    workload = panel.result.workload
    assert panel.result.model_id == GATED
    assert (workload.batch_size, workload.seq_length, workload.precision, workload.engine.name) == (
        4,
        8192,
        "fp8",
        "vllm",
    )
    assert panel.model_input.value == PUBLIC


async def test_parameters_are_those_of_the_click_not_of_the_result(panel: MemoryPanel) -> None:
    panel.model_input.value = PUBLIC
    panel.calculate_button.click()
    panel.batch_size_input.value = 16
    await panel.idle()
    assert panel.result.workload.batch_size == 1


async def test_a_model_once_pasted_is_never_asked_for_again(panel: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    await click(panel, "calculate", GATED)
    await paste(panel, LLAMA_3_1_8B)
    loopback_hub.reset()
    for button in ("calculate", "analyze"):
        await click(panel, button, GATED.lower())
        assert not panel.prompt.visible
    panel.compare_input.value = GATED
    await click(panel, "compare")
    assert not panel.prompt.visible
    assert loopback_hub.requests == ()


async def test_a_former_name_of_a_gated_model_is_asked_for_once(panel: MemoryPanel) -> None:
    await click(panel, "calculate", "meta-llama/Meta-Llama-3.1-8B")
    await paste(panel, LLAMA_3_1_8B)
    assert panel.result is not None
    await click(panel, "analyze", "meta-llama/Meta-Llama-3.1-8B")
    assert not panel.prompt.visible


async def test_compare_asks_for_one_after_the_other_and_then_shows_all(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{GATED}, {PUBLIC}\n{MISTRAL}"
    await click(panel, "compare")
    assert GATED in panel.prompt.message
    assert panel.pending is not None
    assert panel.pending.params["models"] == (GATED, PUBLIC, MISTRAL)
    await paste(panel, LLAMA_3_1_8B)
    assert MISTRAL in panel.prompt.message
    assert panel.prompt.visible
    assert panel.result is None
    await paste(panel, MISTRAL_7B_V0_3)
    assert isinstance(panel.result, ComparisonReport)
    assert [(row.model_id, row.error) for row in panel.result.rows] == [(GATED, None), (PUBLIC, None), (MISTRAL, None)]
    assert panel.pending is None


async def test_compare_goes_on_without_the_models_that_are_skipped(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{GATED} {PUBLIC} {MISTRAL} {GEMMA}"
    await click(panel, "compare")
    panel.prompt.skip_button.click()
    assert MISTRAL in panel.prompt.message
    await paste(panel, MISTRAL_7B_V0_3)
    assert GEMMA in panel.prompt.message
    panel.prompt.skip_button.click()
    assert [row.error is None for row in panel.result.rows] == [False, True, True, False]
    assert f"{GATED} : {GATED} is gated" in text_of(panel)
    assert panel.pending is None


async def test_compare_shows_models_that_no_paste_helps_with_why(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{PUBLIC}, datasets/x/y, {PUBLIC}@nope"
    await click(panel, "compare")
    assert [row.error is None for row in panel.result.rows] == [True, False, False]
    assert "Not calculated" in text_of(panel)


async def test_compare_without_models_says_what_to_do(panel: MemoryPanel) -> None:
    await click(panel, "compare")
    assert isinstance(panel.error, ModelIdError)
    assert "separated by commas or new lines" in text_of(panel)


async def test_a_model_named_twice_is_compared_once(panel: MemoryPanel) -> None:
    panel.compare_input.value = f"{PUBLIC}, {PUBLIC}"
    await click(panel, "compare")
    assert len(panel.result.rows) == 1


@pytest.mark.parametrize("button", ["calculate", "analyze", "compare"])
async def test_cancel_leaves_the_panel_as_it_was(panel: MemoryPanel, button: str) -> None:
    await click(panel, "calculate", PUBLIC)
    before = panel.result, html_of(panel), panel.error
    panel.compare_input.value = GATED
    await click(panel, button, GATED)
    assert panel.prompt.visible
    assert panel.result is before[0]
    panel.prompt.cancel_button.click()
    await panel.idle()
    result, html, error = before
    assert (panel.result, panel.error) == (result, error)
    assert html_of(panel).endswith(html)
    assert (panel.pending, panel.model_input.value) == (None, GATED)


async def test_a_refused_paste_keeps_the_pending_action(panel: MemoryPanel) -> None:
    await click(panel, "calculate", GATED)
    pending = panel.pending
    await paste(panel, '{"hidden_size": 4096,')
    assert panel.pending == pending
    assert panel.prompt.text_input.value == '{"hidden_size": 4096,'
    await paste(panel, LLAMA_3_1_8B)
    assert panel.result.model_id == GATED


@pytest.mark.parametrize(
    ("model", "error"), [("example/nothing", ModelNotFoundError), ("example/down", HubUnavailableError)]
)
async def test_whatever_a_paste_can_solve_offers_the_paste_and_says_what_is_wrong(
    panel: MemoryPanel, model: str, error: type[Exception]
) -> None:
    await click(panel, "calculate", model)
    assert isinstance(panel.error, error)
    assert panel.prompt.visible
    assert panel.error.message in text_of(panel)
    assert f"Paste config.json of {model}" in text_of(panel)
    await paste(panel, LLAMA_3_1_8B)
    assert panel.result.config_source == "user_provided"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("", "id"),
        ("datasets/squad/x", "dataset"),
        ("../../etc/passwd", ""),
        ("config.json", ""),
        ("/etc/config.json", ""),
        (f"{PUBLIC}@nope", "revision"),
        ("x" * 5000, ""),
        ("<script>alert(1)</script>", ""),
    ],
)
async def test_whatever_a_paste_cannot_solve_is_an_error_with_a_next_step(
    panel: MemoryPanel, model: str, words: str
) -> None:
    await click(panel, "calculate", model)
    assert not panel.prompt.visible
    assert panel.error is not None
    assert panel.error.next_step
    assert words in text_of(panel)


@pytest.mark.parametrize(("field", "button"), [("model", "calculate"), ("model", "analyze"), ("compare", "compare")])
async def test_a_token_in_a_field_is_refused_never_echoed_and_taken_out(
    panel: MemoryPanel, loopback_hub: LoopbackHub, field: str, button: str
) -> None:
    getattr(panel, f"{field}_input").value = f"{MEMBER_TOKEN}"
    await click(panel, button)
    assert "access token" in text_of(panel)
    assert getattr(panel, f"{field}_input").value == ""
    assert MEMBER_TOKEN not in html_of(panel) + repr(panel) + panel.to_code() + str(panel.error)
    assert loopback_hub.requests == ()


async def test_a_newer_action_wins(panel: MemoryPanel, actions: Actions, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()
    get_config = type(actions).get_config

    def late(self: Actions, model: str) -> object:
        if model != SMALL:
            return get_config(self, model)
        begun.set()
        go_on.wait(60)
        found = get_config(self, model)
        over.set()
        return found

    monkeypatch.setattr(type(actions), "get_config", late)
    results: list[object] = []
    panel.observe(lambda change: results.append(change["new"].model_id), "result")
    panel.model_input.value = SMALL
    panel.calculate_button.click()
    assert await asyncio.to_thread(begun.wait, 60)
    await click(panel, "calculate", "openai-community/gpt2")
    go_on.set()
    assert await asyncio.to_thread(over.wait, 60)
    await asyncio.sleep(0.05)
    assert results == ["openai-community/gpt2"]
    assert panel.error is None


async def test_the_panel_reacts_while_the_hub_hangs_and_waiting_can_be_cancelled(panel: MemoryPanel) -> None:
    await click(panel, "calculate", PUBLIC)
    before = html_of(panel)
    panel.model_input.value = "example/hanging"
    panel.calculate_button.click()
    await until(lambda: "Asking the Hub about example/hanging" in text_of(panel))
    assert panel.stop_button.layout.display == SHOWN
    panel.stop_button.click()
    await panel.idle()
    assert html_of(panel).endswith(before)
    assert "earlier result" in text_of(panel)
    assert (panel.result.model_id, panel.error, panel.stop_button.layout.display) == (PUBLIC, None, "none")


async def test_a_new_action_about_another_model_closes_the_box(panel: MemoryPanel) -> None:
    await click(panel, "calculate", GATED)
    await click(panel, "calculate", PUBLIC)
    assert (panel.prompt.visible, panel.pending) == (False, None)
    assert panel.result.model_id == PUBLIC


async def test_the_same_action_again_keeps_the_text_in_the_box(panel: MemoryPanel) -> None:
    await click(panel, "calculate", GATED)
    panel.prompt.text_input.value = "half a config"
    await click(panel, "analyze", GATED)
    assert panel.prompt.text_input.value == "half a config"
    assert panel.pending is not None
    assert panel.pending.type == "analyze"


async def test_a_new_action_while_a_paste_is_saved_wins_and_the_paste_is_kept(
    panel: MemoryPanel, actions: Actions
) -> None:
    await click(panel, "calculate", GATED)
    panel.prompt.text_input.value = json.dumps(LLAMA_3_1_8B)
    panel.prompt.submit_button.click()
    await click(panel, "calculate", PUBLIC)
    assert panel.result.model_id == PUBLIC
    await until(lambda: actions.check_config(GATED).has_config)
    await asyncio.sleep(0.05)
    assert panel.result.model_id == PUBLIC


async def test_a_guarded_callback_waits_in_the_panels_box(panel: MemoryPanel, actions: Actions) -> None:
    totals: list[int] = []
    panel.prompt.guard(lambda: totals.append(actions.calculate(GATED).total_bytes))()
    assert panel.pending is not None
    assert panel.pending.type == "callback"
    await click(panel, "calculate", PUBLIC)
    assert panel.pending is not None
    await paste(panel, LLAMA_3_1_8B)
    assert len(totals) == 1
    assert panel.result.model_id == PUBLIC


async def test_an_error_of_a_guarded_callback_is_the_panels_error(panel: MemoryPanel) -> None:
    panel.prompt.guard(lambda: 1 / 0)()
    assert isinstance(panel.error, ZeroDivisionError)


async def test_an_unexpected_error_is_shown_without_a_traceback(
    panel: MemoryPanel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def calculate(*_: object, **__: object) -> None:
        raise ZeroDivisionError("<b>oops</b>")

    monkeypatch.setattr(panel._actions, "calculate", calculate)
    await click(panel, "calculate", PUBLIC)
    assert isinstance(panel.error, ZeroDivisionError)
    assert "ZeroDivisionError: <b>oops</b>" in text_of(panel)
    assert "Traceback" not in text_of(panel)
    assert caplog.records[-1].exc_info is not None


async def test_an_error_disappears_with_the_next_success(panel: MemoryPanel) -> None:
    await click(panel, "calculate", "")
    await click(panel, "calculate", PUBLIC)
    assert panel.error is None
    assert "budsim-alert" not in html_of(panel)


async def test_the_hub_that_is_back_is_asked_again(panel: MemoryPanel, loopback_hub: LoopbackHub) -> None:
    loopback_hub.fault = Status(code=503)
    await click(panel, "calculate", PUBLIC)
    assert panel.prompt.visible
    loopback_hub.fault = None
    await click(panel, "calculate")
    assert not panel.prompt.visible
    assert panel.result.model_id == PUBLIC


def test_outside_an_event_loop_the_whole_way_works(make_panel: Callable[..., MemoryPanel]) -> None:
    panel = make_panel(GATED, compare=[GATED, PUBLIC, GEMMA])
    panel.calculate_button.click()
    assert panel.prompt.visible
    panel.prompt.text_input.value = json.dumps(LLAMA_3_1_8B)
    panel.prompt.submit_button.click()
    assert panel.result.model_id == GATED
    panel.compare_button.click()
    panel.prompt.text_input.value = json.dumps(GEMMA_3_4B_IT)
    panel.prompt.submit_button.click()
    assert len(panel.result.reports) == 3


def test_a_click_on_another_thread_is_awaited_in_a_cell(panel: MemoryPanel) -> None:
    """As in JupyterLab: a person's click runs on the thread of a subshell, a cell on the main one."""
    clicked = threading.Event()

    async def person() -> None:
        panel.model_input.value = PUBLIC
        panel.calculate_button.click()
        clicked.set()
        await panel.idle()

    thread = threading.Thread(target=asyncio.run, args=(person(),))
    thread.start()
    clicked.wait()
    asyncio.run(panel.idle())
    thread.join()
    assert panel.result.model_id == PUBLIC


@pytest.mark.parametrize("model", GATED_CONFIGS)
async def test_every_gated_model_goes_the_whole_way(panel: MemoryPanel, model: str) -> None:
    await click(panel, "calculate", model)
    await paste(panel, GATED_CONFIGS[model])
    assert "verified" in text_of(panel)
    assert panel.result.basis == "exact"
