"""A person's click is heard after what they typed, whichever threads the kernel gives the two."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.panel import patience
from budsim_widgets.panel.patience import PatientButton

if TYPE_CHECKING:
    from collections.abc import Iterator

CLICK = {"event": "click"}


@pytest.fixture
def other_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, as the kernel's main thread is to a click that comes in a subshell."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def made() -> PatientButton:
    return PatientButton(description="Save")


def click(button: PatientButton) -> None:
    button._handle_custom_msg(CLICK, [])


async def test_a_click_waits_for_the_text_that_a_busy_thread_has_yet_to_hear(
    other_loop: asyncio.AbstractEventLoop,
) -> None:
    button = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(made(), other_loop))
    heard, clicked = [], asyncio.Event()

    def type_text() -> None:
        time.sleep(0.4)
        other_loop.call_soon(other_loop.call_soon, heard.append, "text")

    def clicks(_: Any) -> None:
        heard.append("click")
        clicked.set()

    button.on_click(clicks)
    other_loop.call_soon_threadsafe(type_text)
    click(button)
    await clicked.wait()
    assert heard == ["text", "click"]


async def test_a_click_is_answered_while_a_cell_keeps_the_main_thread(
    other_loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_LIMIT_SECONDS", 0.1)
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


def test_without_an_event_loop_a_click_acts_at_once() -> None:
    button, clicked = PatientButton(), []
    button.on_click(clicked.append)
    click(button)
    assert clicked == [button]
