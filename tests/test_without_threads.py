"""A browser's Python starts no thread: the panel, the Hub and the store work without one."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B

from budsim_widgets.actions import Actions
from budsim_widgets.errors import GatedModelError
from budsim_widgets.hub import HubClient
from budsim_widgets.hub.transport.deadline import Deadline, run_within
from budsim_widgets.hub.transport.parallel import map_within
from budsim_widgets.panel import MemoryPanel
from budsim_widgets.panel.flow import runner
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore
from budsim_widgets.threads import started

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

GATED = "meta-llama/Llama-3.1-8B"


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Pyodide; the Hub on this machine keeps those that it serves with."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("budsim"):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr("budsim_widgets.panel.flow.runner._THREADS", _new_pool())


def _new_pool() -> ThreadPoolExecutor:
    """The panel's pool without the threads that other tests have started."""
    return ThreadPoolExecutor(2, thread_name_prefix="budsim-panel")


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


@pytest.mark.usefixtures("no_threads")
def test_nothing_is_started_and_nothing_fails() -> None:
    assert started(print, "budsim-test") is None
    assert run_within(5, lambda deadline: deadline.remaining_seconds > 0)
    assert map_within(Deadline(5), lambda number: number + 1, [1, 2, 3]) == [2, 3, 4]


@pytest.mark.usefixtures("no_threads")
async def test_the_panel_calculates_and_goes_on_after_a_paste(actions: Actions) -> None:
    panel = MemoryPanel(GATED, actions=actions)
    panel.calculate_button.click()
    await panel.idle()
    assert isinstance(panel.error, GatedModelError)
    assert panel.prompt.visible
    panel.prompt.text_input.value = json.dumps(LLAMA_3_1_8B)
    panel.prompt.submit_button.click()
    await panel.idle()
    assert panel.result.num_parameters == 8_030_261_248
    assert panel.error is None


@pytest.mark.usefixtures("no_threads")
def test_the_actions_ask_the_hub_and_keep_configs(actions: Actions) -> None:
    assert actions.calculate("Qwen/Qwen2.5-7B").config_source == "huggingface"
    assert actions.submit_config(GATED, LLAMA_3_1_8B).success
    assert [one.model_id for one in actions.saved.list()] == [GATED]
    assert actions.saved.backlog.wait(0) is None


async def test_a_machine_that_starts_no_more_threads_does_the_work_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pool kept in its queue isn't done again once it has a thread."""
    monkeypatch.setattr(runner, "_THREADS", _new_pool())
    done: list[int] = []
    own = runner.Runner(lambda _: None, lambda error: pytest.fail(str(error)))
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", _refuse)
        own.run(lambda: done.append(1), lambda _: None, lambda _: None, status="")
    await own.idle()
    own.run(lambda: done.append(2), lambda _: None, lambda _: None, status="")
    await own.idle()
    assert done == [1, 2]


def _refuse(thread: threading.Thread) -> None:
    raise RuntimeError(f"can't start new thread {thread.name}")
