"""Of many changes, the last counts, once there are no further ones."""

from __future__ import annotations

import asyncio

import pytest

from budsim_widgets.panel.flow.after_pause import AfterPause
from panel.shown import until


def test_where_no_loop_runs_it_is_done_on_the_spot() -> None:
    done: list[str] = []
    AfterPause(60).call(lambda: done.append("now"))
    assert done == ["now"]


async def test_of_many_the_last_is_called_once() -> None:
    done: list[int] = []
    pause = AfterPause(0.01)
    for number in range(20):
        pause.call(lambda number=number: done.append(number))  # type: ignore[misc]
    assert done == []
    await until(lambda: bool(done))
    await asyncio.sleep(0.05)
    assert done == [19]


async def test_what_is_wanted_at_once_takes_the_place_of_what_waits() -> None:
    done: list[str] = []
    pause = AfterPause(0.01)
    pause.call(lambda: done.append("later"))
    pause.call(lambda: done.append("now"), at_once=True)
    assert done == ["now"]
    await asyncio.sleep(0.05)
    assert done == ["now"]


@pytest.mark.parametrize(("ends", "expected"), [("finish", ["it"]), ("cancel", [])])
async def test_what_waits_can_be_called_or_forgotten(ends: str, expected: list[str]) -> None:
    done: list[str] = []
    pause = AfterPause(0.01)
    pause.call(lambda: done.append("it"))
    getattr(pause, ends)()
    assert done == expected
    await asyncio.sleep(0.05)
    assert done == expected
