"""A person's own callbacks in the care of a `ConfigPrompt`."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import TYPE_CHECKING, Any

import ipywidgets
import pytest
from hub.repos import GEMMA_3_4B_IT, LLAMA_3_1_8B

from budsim_widgets.errors import GatedModelError, RevisionNotFoundError
from panel.shown import text_of

if TYPE_CHECKING:
    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import ConfigPrompt

GATED = "meta-llama/Llama-3.1-8B"


async def submit(prompt: ConfigPrompt, config: dict[str, Any]) -> None:
    prompt.text_input.value = json.dumps(config)
    prompt.submit_button.click()
    await prompt.idle()


async def test_a_callback_is_called_again_with_the_same_arguments(prompt: ConfigPrompt, actions: Actions) -> None:
    calls = []

    def callback(model: str, *, seq_length: int) -> None:
        calls.append((model, seq_length))
        calls.append(actions.calculate(model, seq_length=seq_length).total_bytes)

    assert prompt.guard(callback)(GATED, seq_length=4096) is None
    assert prompt.visible
    assert prompt.pending is not None
    assert (prompt.pending.type, prompt.pending.params) == (
        "callback",
        {"args": (GATED,), "kwargs": {"seq_length": 4096}},
    )
    await submit(prompt, LLAMA_3_1_8B)
    assert calls[:2] == [(GATED, 4096)] * 2
    assert calls[2] > 0


async def test_a_coroutine_function_is_awaited_and_called_again(prompt: ConfigPrompt, actions: Actions) -> None:
    totals = []

    async def callback(model: str) -> int:
        await asyncio.sleep(0)
        totals.append(actions.calculate(model).total_bytes)
        return totals[-1]

    assert await prompt.guard(callback)(GATED) is None
    assert prompt.visible
    await submit(prompt, LLAMA_3_1_8B)
    assert len(totals) == 1
    assert await prompt.guard(callback)(GATED) == totals[0]


async def test_idle_waits_for_a_guarded_coroutine(prompt: ConfigPrompt) -> None:
    done = []

    async def callback() -> None:
        await asyncio.sleep(0.01)
        done.append(True)

    prompt.guard(callback)()
    assert prompt.is_busy
    await prompt.idle()
    assert done == [True]


async def test_it_works_as_the_callback_of_a_button(prompt: ConfigPrompt, actions: Actions) -> None:
    button, reports = ipywidgets.Button(), []
    button.on_click(prompt.guard(lambda _: reports.append(actions.calculate(GATED))))
    button.click()
    await submit(prompt, LLAMA_3_1_8B)
    assert [report.model_id for report in reports] == [GATED]


async def test_two_missing_configs_are_asked_for_one_after_the_other(prompt: ConfigPrompt, actions: Actions) -> None:
    totals = []

    def callback() -> None:
        totals.append([actions.calculate(model).total_bytes for model in (GATED, "google/gemma-3-4b-it")])

    prompt.guard(callback)()
    assert GATED in prompt.message
    await submit(prompt, LLAMA_3_1_8B)
    assert "google/gemma-3-4b-it" in prompt.message
    await submit(prompt, GEMMA_3_4B_IT)
    assert len(totals[0]) == 2


async def test_a_config_that_was_pasted_is_not_asked_for_again(prompt: ConfigPrompt) -> None:
    def stubborn() -> None:
        raise GatedModelError("Still gated.", model_id=GATED)

    prompt.guard(stubborn)()
    await submit(prompt, LLAMA_3_1_8B)
    assert not prompt.visible
    assert prompt.message.startswith("Still gated.")


async def test_cancel_means_that_it_is_not_called_again(prompt: ConfigPrompt, actions: Actions) -> None:
    calls = []

    def callback() -> None:
        calls.append(True)
        actions.calculate(GATED)

    prompt.guard(callback)()
    prompt.cancel_button.click()
    assert (calls, prompt.pending, prompt.visible) == ([True], None, False)


@pytest.mark.parametrize(
    "error", [ValueError("<i>wrong</i>"), RevisionNotFoundError("No such revision.", model_id=GATED)]
)
async def test_any_other_error_is_shown(prompt: ConfigPrompt, error: Exception) -> None:
    def callback() -> None:
        raise error

    assert prompt.guard(callback)() is None
    assert str(error) in text_of(prompt)
    assert prompt.error is error
    assert not prompt.visible


async def test_an_error_of_a_coroutine_is_shown(prompt: ConfigPrompt) -> None:
    async def callback() -> None:
        raise ValueError("wrong")

    await prompt.guard(callback)()
    assert "ValueError: wrong" in text_of(prompt)


async def test_an_error_goes_away_when_something_new_begins(prompt: ConfigPrompt) -> None:
    prompt.guard(lambda: 1 / 0)()
    assert prompt.guard(lambda: 3)() == 3
    assert text_of(prompt) == ""


async def test_a_partial_of_a_coroutine_function_is_followed(prompt: ConfigPrompt) -> None:
    async def callback(value: int) -> int:
        return value

    assert await prompt.guard(functools.partial(callback, 7))() == 7


def test_without_an_event_loop_a_coroutine_runs_on_the_spot(prompt: ConfigPrompt) -> None:
    async def callback() -> int:
        await asyncio.sleep(0)
        return 7

    assert prompt.guard(callback)() == 7


def test_a_guarded_function_keeps_its_name_and_docstring(prompt: ConfigPrompt) -> None:
    def callback() -> None:
        """Does it."""

    assert (prompt.guard(callback).__name__, prompt.guard(callback).__doc__) == ("callback", "Does it.")
