from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.flow.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from budsim_widgets.actions import Actions
    from budsim_widgets.panel import MemoryPanel

MODELS = ["Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-0.5B", "example/no-such-model"]


def nothing(_: object) -> None:
    pass


def test_each_item_is_told_before_it_and_the_end_after_the_last() -> None:
    told: list[tuple[int, int]] = []
    steps = Steps()
    steps.tell = lambda done, total: told.append((done, total))
    assert list(steps.through(iter("abc"))) == ["a", "b", "c"]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


async def test_a_runner_shows_how_far_its_task_is() -> None:
    shown: list[tuple[int, int]] = []
    runner = Runner(nothing, nothing, show_steps=lambda done, total: shown.append((done, total)))
    steps = Steps()
    runner.run(lambda: list(steps.through("abc")), nothing, nothing, status="", steps=steps)
    await runner.idle()
    assert shown == [(0, 3), (1, 3), (2, 3), (3, 3)]


async def test_it_is_shown_while_the_task_still_runs() -> None:
    is_shown = threading.Event()
    runner, steps = Runner(nothing, nothing, show_steps=lambda *_: is_shown.set()), Steps()
    seen: list[bool] = []
    runner.run(
        lambda: seen.extend(is_shown.wait(5) for _ in steps.through("a")), nothing, nothing, status="", steps=steps
    )
    await runner.idle()
    assert seen == [True]


async def test_a_task_that_is_cancelled_ends_before_its_next_item() -> None:
    runner, steps = Runner(nothing, nothing), Steps()
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()
    done: list[int] = []

    def work() -> None:
        try:
            for item in steps.through(range(1000)):
                begun.set()
                go_on.wait(10)
                done.append(item)
        finally:
            over.set()

    runner.run(work, nothing, nothing, status="", steps=steps)
    await asyncio.to_thread(begun.wait, 10)
    runner.cancel()
    go_on.set()
    assert await asyncio.to_thread(over.wait, 10)
    assert done == [0]


async def test_a_comparison_is_stopped_and_the_panel_stays_usable(
    make_panel: Callable[..., MemoryPanel], actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    begun, go_on = threading.Event(), threading.Event()
    compare = type(actions).compare

    def slow(self: Actions, models: list[str], **workload: object) -> object:
        asked.extend(models)
        if models:
            begun.set()
            go_on.wait(10)
        return compare(self, models, **workload)

    monkeypatch.setattr(type(actions), "compare", slow)
    panel = make_panel(MODELS[0], compare=MODELS)
    panel.compare_button.click()
    await asyncio.to_thread(begun.wait, 10)
    while "<progress" not in panel._view._bar.value:
        panel._view.show_steps(0, 3)
        await asyncio.sleep(0.02)
    panel.stop_button.click()
    assert panel._view._bar.value == ""
    go_on.set()
    panel.calculate_button.click()
    await panel.idle()
    assert panel.result.model_id == MODELS[0]
    assert asked == MODELS[:1]


async def test_a_comparison_gives_what_the_action_gives(
    make_panel: Callable[..., MemoryPanel], actions: Actions
) -> None:
    panel = make_panel(compare=MODELS[:2], batch_size=4)
    panel.compare_button.click()
    await panel.idle()
    expected = actions.compare(MODELS[:2], batch_size=4)
    assert [row.report.total_bytes for row in panel.result.rows] == [row.report.total_bytes for row in expected.rows]
    assert panel.result.workload == expected.workload
