from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from budsim_widgets.errors import BudsimError
from budsim_widgets.panel.flow.runner import Runner
from panel.shown import until


class Log:
    def __init__(self, **options: Any) -> None:
        self.statuses: list[str] = []
        self.results: list[object] = []
        self.errors: list[BudsimError] = []
        self.unexpected: list[Exception] = []
        self.runner = Runner(self.statuses.append, self.unexpected.append, **options)

    def run(self, work: Any, status: str = "working") -> None:
        self.runner.run(work, self.results.append, self.errors.append, status=status)


def raising(error: Exception) -> Any:
    def work() -> None:
        raise error

    return work


async def test_work_runs_in_a_thread_and_its_result_returns_to_the_loop() -> None:
    log, threads = Log(), []
    log.runner.run(
        threading.current_thread, lambda worker: threads.extend((worker, threading.current_thread())), print, status=""
    )
    await log.runner.idle()
    assert threads[0] is not threads[1] is threading.current_thread()


def test_without_a_loop_work_is_done_on_the_spot() -> None:
    log = Log()
    log.run(lambda: 1)
    assert log.results == [1]
    assert not log.runner.is_busy


async def test_the_late_result_of_a_superseded_task_is_dropped() -> None:
    log, slow = Log(), Future[str]()
    log.run(slow.result)
    log.run(lambda: "new")
    await log.runner.idle()
    slow.set_result("old")
    await asyncio.sleep(0.02)
    assert log.results == ["new"]


async def test_a_cancelled_task_is_over_at_once() -> None:
    log, slow = Log(), Future[str]()
    log.run(slow.result)
    log.runner.cancel()
    await log.runner.idle()
    slow.set_exception(BudsimError("late"))
    await asyncio.sleep(0.02)
    assert (log.results, log.errors, log.runner.is_busy) == ([], [], False)


async def test_errors_of_the_package_are_distinguished_from_unexpected_ones() -> None:
    log = Log()
    for error in (BudsimError("known"), ValueError("unknown")):
        log.run(raising(error))
        await log.runner.idle()
    assert [error.message for error in log.errors] == ["known"]
    assert [str(error) for error in log.unexpected] == ["unknown"]


async def test_an_error_while_a_result_is_shown_is_unexpected_and_ends_the_task() -> None:
    log = Log()
    log.runner.run(lambda: 1, lambda _: raising(ValueError("broken"))(), log.errors.append, status="")
    await log.runner.idle()
    assert [str(error) for error in log.unexpected] == ["broken"]
    assert not log.runner.is_busy


async def test_what_is_being_done_is_said_until_it_is_over() -> None:
    log, slow = Log(), Future[int]()
    log.run(slow.result, "asking")
    assert log.statuses[-1] == "asking"
    slow.set_result(1)
    await log.runner.idle()
    assert log.statuses[-1] == ""


async def test_quick_work_is_not_announced() -> None:
    log = Log(delay_seconds=30)
    log.run(lambda: 1, "asking")
    await log.runner.idle()
    assert "asking" not in log.statuses


async def test_slow_work_is_announced_after_a_while() -> None:
    log, slow = Log(delay_seconds=0.01), Future[int]()
    log.run(slow.result, "asking")
    await until(lambda: "asking" in log.statuses)
    slow.set_result(1)
    await log.runner.idle()


async def test_a_task_started_by_a_result_is_waited_for() -> None:
    log = Log()
    log.runner.run(lambda: 1, lambda _: log.run(lambda: 2), print, status="")
    await log.runner.idle()
    assert log.results == [2]


def test_a_task_of_one_loop_can_be_awaited_in_another() -> None:
    """A person's click comes on the thread of a subshell, `await panel.idle()` in a cell runs on the main one."""
    log, slow, asked = Log(), Future[str](), threading.Event()

    async def click() -> None:
        log.run(slow.result)
        asked.set()
        await log.runner.idle()

    clicking = threading.Thread(target=asyncio.run, args=(click(),))
    clicking.start()
    asked.wait()
    threading.Timer(0.02, slow.set_result, ["result"]).start()
    asyncio.run(log.runner.idle())
    clicking.join()
    assert log.results == ["result"]


def test_a_result_is_kept_although_its_loop_has_gone() -> None:
    log, slow = Log(), Future[str]()

    async def click() -> None:
        log.run(slow.result)

    asyncio.run(click())
    slow.set_result("result")
    asyncio.run(log.runner.idle())
    assert log.results == ["result"]


async def test_an_interrupted_wait_leaves_the_task_alone() -> None:
    log, slow = Log(), Future[str]()
    log.run(slow.result)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(log.runner.idle(), timeout=0.01)
    slow.set_result("result")
    await log.runner.idle()
    assert log.results == ["result"]


async def test_many_hanging_tasks_leave_room_for_the_next() -> None:
    log, hanging = Log(), Future[str]()
    for _ in range(12):
        log.run(hanging.result)
    log.run(lambda: "result")
    await log.runner.idle()
    hanging.set_result("late")
    assert log.results == ["result"]
