"""A person's click is heard after what they typed, whichever threads the kernel gives the two."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.panel.flow import click_order
from budsim_widgets.panel.flow.click_order import OrderedButton

if TYPE_CHECKING:
    from collections.abc import Iterator

CLICK = {"event": "click"}


@contextmanager
def loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def other_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, as the kernel's main thread is to a click that comes in a subshell."""
    with loop_in_a_thread() as loop:
        yield loop


async def made() -> OrderedButton:
    return OrderedButton(description="Save")


def click(button: OrderedButton) -> None:
    button._handle_custom_msg(CLICK, [])


async def test_a_click_waits_for_the_text_that_a_busy_thread_has_yet_to_hear(
    other_loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click_order, "_LIMIT_SECONDS", 60)
    button = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(made(), other_loop))
    heard, clicked, is_clicked = [], asyncio.Event(), threading.Event()

    def type_text() -> None:
        is_clicked.wait(60)
        other_loop.call_soon(other_loop.call_soon, heard.append, "text")

    def clicks(_: Any) -> None:
        heard.append("click")
        clicked.set()

    button.on_click(clicks)
    other_loop.call_soon_threadsafe(type_text)
    click(button)
    await asyncio.sleep(0)  # the click asks both loops for their turns
    is_clicked.set()
    await clicked.wait()
    assert heard == ["text", "click"]


async def test_a_click_is_answered_while_a_cell_keeps_the_main_thread(
    other_loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click_order, "_LIMIT_SECONDS", 0.1)
    button = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(made(), other_loop))
    is_cell_over, clicked = threading.Event(), asyncio.Event()
    button.on_click(lambda _: clicked.set())
    other_loop.call_soon_threadsafe(is_cell_over.wait)
    click(button)
    await clicked.wait()
    is_cell_over.set()


async def test_a_loop_that_ended_is_not_waited_for() -> None:
    button = await asyncio.to_thread(asyncio.run, made())
    clicked = asyncio.Event()
    button.on_click(lambda _: clicked.set())
    click(button)
    await asyncio.wait_for(clicked.wait(), timeout=30)


async def test_a_loop_that_ends_before_its_turn_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(click_order, "_LIMIT_SECONDS", 0.1)
    is_cell_over, clicked = threading.Event(), asyncio.Event()
    with loop_in_a_thread() as loop:
        button = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(made(), loop))
        button.on_click(lambda _: clicked.set())
        loop.call_soon_threadsafe(is_cell_over.wait)
        click(button)
        await clicked.wait()
        loop.call_soon_threadsafe(loop.stop)
        is_cell_over.set()
    gc.collect()
    assert caplog.records == []


async def test_a_loop_that_closes_while_it_is_asked_keeps_no_click_back(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    monkeypatch.setattr(closed, "is_running", lambda: True)  # as it was a moment ago
    monkeypatch.setattr(click_order, "_LOOPS", {closed})
    button, clicked = OrderedButton(), asyncio.Event()
    button.on_click(lambda _: clicked.set())
    click(button)
    await asyncio.wait_for(clicked.wait(), timeout=30)


def test_without_an_event_loop_a_click_acts_at_once() -> None:
    button, clicked = OrderedButton(), []
    button.on_click(clicked.append)
    click(button)
    assert clicked == [button]
