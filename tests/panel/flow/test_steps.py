from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from budsim_widgets.fitting import compare_precisions
from budsim_widgets.panel.flow.runner import Runner
from budsim_widgets.panel.flow.steps import Steps
from panel.shown import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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


async def test_what_is_being_kept_goes_on_to_its_end_when_it_is_cancelled() -> None:
    kept: list[str] = []
    shown: list[str] = []
    is_last, go_on = threading.Event(), threading.Event()
    runner = Runner(nothing, nothing, show_last=lambda: shown.append("last"))
    steps = Steps()

    def keep() -> list[str]:
        checked = list(steps.through_to_the_last("abc"))
        is_last.set()
        go_on.wait(10)
        return checked

    runner.run(keep, kept.extend, nothing, status="", steps=steps)
    await asyncio.to_thread(is_last.wait, 10)
    await until(lambda: shown == ["last"])
    runner.cancel()
    assert runner.is_busy
    go_on.set()
    await runner.idle()
    assert kept == ["a", "b", "c"]


async def test_what_was_cancelled_while_it_was_checked_is_never_kept() -> None:
    kept: list[str] = []
    checking, go_on, over = threading.Event(), threading.Event(), threading.Event()
    runner, steps = Runner(nothing, nothing), Steps()

    def check() -> None:
        try:
            for item in steps.through_to_the_last("a"):
                checking.set()
                go_on.wait(10)
                assert item == "a"
            kept.append("kept")
        finally:
            over.set()

    runner.run(check, nothing, nothing, status="", steps=steps)
    await asyncio.to_thread(checking.wait, 10)
    runner.cancel()
    go_on.set()
    await asyncio.to_thread(over.wait, 10)
    assert kept == []


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
        lambda: seen.extend(is_shown.wait(60) for _ in steps.through("a")), nothing, nothing, status="", steps=steps
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
                go_on.wait(60)
                done.append(item)
        finally:
            over.set()

    runner.run(work, nothing, nothing, status="", steps=steps)
    await asyncio.to_thread(begun.wait, 60)
    runner.cancel()
    go_on.set()
    assert await asyncio.to_thread(over.wait, 60)
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
            go_on.wait(60)
        return compare(self, models, **workload)

    monkeypatch.setattr(type(actions), "compare", slow)
    panel = make_panel(MODELS[0], compare=MODELS)
    panel.compare_button.click()
    await asyncio.to_thread(begun.wait, 60)
    while "<progress" not in panel._view.busy._bar.value:
        panel._view.busy.show_steps(0, 3)
        await asyncio.sleep(0.02)
    panel.stop_button.click()
    assert panel._view.busy._bar.value == ""
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


async def test_precisions_are_compared_beside_the_rest_and_can_be_stopped(
    make_panel: Callable[..., MemoryPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    told: list[tuple[int, int]] = []

    def slow(*args: object, through: Callable[..., Iterable[str]], **details: object) -> object:
        def one_by_one(names: list[str]) -> Iterator[str]:
            for name in through(names):
                begun.set()
                go_on.wait(60)
                yield name

        return compare_precisions(*args, through=one_by_one, **details)  # type: ignore[arg-type]

    monkeypatch.setattr("budsim_widgets.panel.precision_table.compare_precisions", slow)
    panel = make_panel(MODELS[0], engine="llama.cpp", accelerator="RTX 4090")
    panel.calculate_button.click()
    await panel.idle()
    choice = panel._view.precisions
    choice._runner._show_steps = lambda done, total: told.append((done, total))
    panel.precisions_button.click()
    await asyncio.to_thread(begun.wait, 60)
    assert not choice.is_open
    panel.batch_size_input.value = 2  # another question: this comparison is no longer wanted
    assert panel.result.workload.batch_size == 2
    assert not choice._runner.is_busy

    panel.precisions_button.click()
    assert choice._runner.is_busy
    choice._busy.stop.click()
    assert not choice._runner.is_busy
    go_on.set()
    panel.precisions_button.click()
    await panel.idle()
    assert choice.is_open
    await until(lambda: bool(told) and told[-1][0] == told[-1][1] >= choice._table.value.count("<tr") - 1 > 20)


async def test_a_comparison_that_follows_the_fields_runs_beside_them(
    make_panel: Callable[..., MemoryPanel], actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = make_panel(compare=MODELS[:2])
    panel.compare_button.click()
    await panel.idle()
    begun, go_on = threading.Event(), threading.Event()
    compare = type(actions).compare

    def slow(self: Actions, models: list[str], **workload: object) -> object:
        begun.set()
        go_on.wait(60)
        return compare(self, models, **workload)

    monkeypatch.setattr(type(actions), "compare", slow)
    panel.batch_size_input.value = 8
    await asyncio.to_thread(begun.wait, 60)
    panel.batch_size_input.value = 16  # the one for 8 is no longer wanted
    assert panel.result.workload.batch_size == 1
    go_on.set()
    await panel.idle()
    assert panel.result.workload.batch_size == 16
    assert [row.report.workload.batch_size for row in panel.result.rows] == [16, 16]
