from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from budsim_widgets.panel.kept_result import KeptResult
from budsim_widgets.rendering.markup import tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from budsim_widgets.panel import MemoryPanel

PUBLIC = "Qwen/Qwen2.5-7B"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    publisher = CapturingDisplayPublisher()

    class Shell:
        display_pub = publisher

    monkeypatch.setattr(InteractiveShell, "instance", classmethod(lambda _: Shell))
    return publisher.outputs


def test_a_displayed_panel_has_an_output_of_its_own_for_its_result(
    published: list[dict[str, Any]], make_panel: Callable[..., MemoryPanel]
) -> None:
    panel = make_panel(PUBLIC)
    panel._ipython_display_()
    widget, kept = published
    assert set(widget["data"]) == {WIDGET, "text/plain", "text/html"}
    assert widget["data"]["text/html"] == ""
    assert set(kept["data"]) == {"text/html"}
    assert kept["update"] is False

    panel.calculate_button.click()
    update = published[-1]
    assert update["update"] is True
    assert update["transient"] == kept["transient"]
    assert "7.62B parameters" in update["data"]["text/html"]
    assert update["data"]["text/html"].count("<svg") == update["data"]["text/html"].count("<img") == 1


def test_a_panel_that_is_displayed_twice_changes_both_by_one_message(
    published: list[dict[str, Any]], make_panel: Callable[..., MemoryPanel]
) -> None:
    panel = make_panel(PUBLIC)
    panel._ipython_display_()
    panel.calculate_button.click()
    before = len(published)
    panel._ipython_display_()
    again = published[before:][1]
    assert "7.62B parameters" in again["data"]["text/html"]
    assert again["transient"] == published[1]["transient"]


def test_a_panel_that_is_displayed_by_nobody_publishes_nothing(
    published: list[dict[str, Any]], make_panel: Callable[..., MemoryPanel]
) -> None:
    make_panel(PUBLIC).calculate_button.click()
    assert published == []


async def test_of_results_that_follow_each_other_only_the_last_is_published(
    published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budsim_widgets.panel.kept_result._PAUSE_SECONDS", 0.01)
    kept = KeptResult()
    kept.display()
    for number in range(50):
        kept.keep(lambda number=number: tag("p", f"result {number}"), at_once=False)
    assert len(published) == 1
    await asyncio.sleep(0.1)
    assert "result 49" in published[-1]["data"]["text/html"]
    assert len(published) == 2
