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
        self.doing: list[str] = []
        self.answers: list[object] = []
        self.refusals: list[BudsimError] = []
        self.unexpected: list[Exception] = []
        self.runner = Runner(self.doing.append, self.unexpected.append, **options)

    def ask(self, work: Any, doing: str = "working") -> None:
        self.runner.ask(work, self.answers.append, self.refusals.append, doing=doing)


def raising(error: Exception) -> Any:
    def work() -> None:
        raise error

    return work


async def test_work_runs_in_a_thread_and_its_answer_returns_to_the_loop() -> None:
    log, threads = Log(), []
    log.runner.ask(
        threading.current_thread, lambda worker: threads.extend((worker, threading.current_thread())), print, doing=""
    )
    await log.runner.idle()
    assert threads[0] is not threads[1] is threading.current_thread()


def test_without_a_loop_work_is_done_on_the_spot() -> None:
    log = Log()
    log.ask(lambda: 1)
    assert log.answers == [1]
    assert not log.runner.is_busy


async def test_the_late_answer_of_a_superseded_question_is_dropped() -> None:
    log, slow = Log(), Future[str]()
    log.ask(slow.result)
    log.ask(lambda: "new")
    await log.runner.idle()
    slow.set_result("old")
    await asyncio.sleep(0.02)
    assert log.answers == ["new"]


async def test_a_dropped_question_is_over_at_once() -> None:
    log, slow = Log(), Future[str]()
    log.ask(slow.result)
    log.runner.drop()
    await log.runner.idle()
    slow.set_exception(BudsimError("late"))
    await asyncio.sleep(0.02)
    assert (log.answers, log.refusals, log.runner.is_busy) == ([], [], False)


async def test_errors_of_the_package_are_told_apart_from_unexpected_ones() -> None:
    log = Log()
    for error in (BudsimError("known"), ValueError("unknown")):
        log.ask(raising(error))
        await log.runner.idle()
    assert [str(error) for error in log.refusals] == ["known"]
    assert [str(error) for error in log.unexpected] == ["unknown"]


async def test_an_error_while_an_answer_is_shown_is_unexpected_and_ends_the_question() -> None:
    log = Log()
    log.runner.ask(lambda: 1, lambda _: raising(ValueError("broken"))(), log.refusals.append, doing="")
    await log.runner.idle()
    assert [str(error) for error in log.unexpected] == ["broken"]
    assert not log.runner.is_busy


async def test_what_is_being_done_is_said_until_it_is_over() -> None:
    log, slow = Log(), Future[int]()
    log.ask(slow.result, "asking")
    assert log.doing[-1] == "asking"
    slow.set_result(1)
    await log.runner.idle()
    assert log.doing[-1] == ""


async def test_quick_work_is_not_announced() -> None:
    log = Log(patience_seconds=30)
    log.ask(lambda: 1, "asking")
    await log.runner.idle()
    assert "asking" not in log.doing


async def test_slow_work_is_announced_after_a_while() -> None:
    log, slow = Log(patience_seconds=0.01), Future[int]()
    log.ask(slow.result, "asking")
    await until(lambda: "asking" in log.doing)
    slow.set_result(1)
    await log.runner.idle()


async def test_a_question_asked_by_an_answer_is_waited_for() -> None:
    log = Log()
    log.runner.ask(lambda: 1, lambda _: log.ask(lambda: 2), print, doing="")
    await log.runner.idle()
    assert log.answers == [2]


def test_a_question_of_one_loop_can_be_awaited_in_another() -> None:
    """A person's click comes on the thread of a subshell, `await panel.idle()` in a cell runs on the main one."""
    log, slow, asked = Log(), Future[str](), threading.Event()

    async def click() -> None:
        log.ask(slow.result)
        asked.set()
        await log.runner.idle()

    clicking = threading.Thread(target=asyncio.run, args=(click(),))
    clicking.start()
    asked.wait()
    threading.Timer(0.02, slow.set_result, ["answer"]).start()
    asyncio.run(log.runner.idle())
    clicking.join()
    assert log.answers == ["answer"]


def test_an_answer_is_kept_although_its_loop_has_gone() -> None:
    log, slow = Log(), Future[str]()

    async def click() -> None:
        log.ask(slow.result)

    asyncio.run(click())
    slow.set_result("answer")
    asyncio.run(log.runner.idle())
    assert log.answers == ["answer"]


async def test_an_interrupted_wait_leaves_the_question_alone() -> None:
    log, slow = Log(), Future[str]()
    log.ask(slow.result)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(log.runner.idle(), timeout=0.01)
    slow.set_result("answer")
    await log.runner.idle()
    assert log.answers == ["answer"]


async def test_many_hanging_questions_leave_room_for_the_next() -> None:
    log, hanging = Log(), Future[str]()
    for _ in range(12):
        log.ask(hanging.result)
    log.ask(lambda: "answer")
    await log.runner.idle()
    hanging.set_result("late")
    assert log.answers == ["answer"]
