"""What takes long with saved configs shows how far it is, can be stopped, and leaves the rest usable."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hub.repos import LLAMA_3_1_8B

from budsim_widgets.actions.saved_actions import SavedConfigActions
from budsim_widgets.panel.saved.saved_configs import SavedConfigs
from budsim_widgets.store import ConfigStore
from budsim_widgets.store.exchange import importing
from panel.saved.test_file_buttons import upload
from panel.shown import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from budsim_widgets.actions import Actions

MODELS = [f"org/model-{number}" for number in range(4)]


class Gate:
    """Lets a thread through its second item only once somebody says so."""

    def __init__(self) -> None:
        self.passed: list[Any] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def before(self, check: Callable[[Any], object]) -> Callable[[Any], object]:
        def checked(value: Any) -> object:
            if len(self.passed) == 1:
                self.begun.set()
                self.go_on.wait(10)
            self.passed.append(value)
            return check(value)

        return checked


@pytest.fixture
def exported(tmp_path: Path) -> bytes:
    other = ConfigStore(tmp_path / "other.json")
    for model_id in MODELS:
        other.put(model_id, LLAMA_3_1_8B)
    return other.export_bytes()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate, import_bytes = Gate(), ConfigStore.import_bytes
    monkeypatch.setattr(
        ConfigStore,
        "import_bytes",
        lambda self, content, *, check, **others: import_bytes(self, content, check=gate.before(check), **others),
    )
    return gate


async def test_an_import_shows_how_far_it_is(saved: SavedConfigs, exported: bytes, gate: Gate) -> None:
    upload(saved, "team.json", exported)
    await asyncio.to_thread(gate.begun.wait, 10)
    await until(lambda: "1 of 4" in saved._files.busy._bar.value)
    assert saved._files.busy.stop.layout.display != "none"
    assert saved.import_input.disabled
    gate.go_on.set()
    await saved.idle()
    assert saved._files.busy._bar.value == ""
    assert not saved.import_input.disabled
    assert {one.model_id for one in saved.list.configs} >= set(MODELS)


async def test_an_import_that_is_stopped_keeps_nothing_of_it_and_the_rest_is_usable_meanwhile(
    saved: SavedConfigs, actions: Actions, exported: bytes, gate: Gate
) -> None:
    before = [one.model_id for one in actions.saved.list()]
    upload(saved, "team.json", exported)
    await asyncio.to_thread(gate.begun.wait, 10)
    saved.list.rows[0].button.click()
    assert saved.chosen == before[0]
    assert not saved.detail.edit_button.disabled
    saved._files.busy.stop.click()
    gate.go_on.set()
    await saved.idle()
    upload(saved, "again.json", b"{}")  # the thread of the first is over when another one is
    await saved.idle()
    assert [one.model_id for one in actions.saved.list()] == before
    assert len(gate.passed) == 2


async def test_an_import_says_that_its_last_step_cannot_be_stopped_and_keeps_all(
    saved: SavedConfigs, actions: Actions, exported: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    merging, go_on = threading.Event(), threading.Event()
    merge = importing._merge

    def slow(*given: Any) -> Any:
        merging.set()
        go_on.wait(10)
        return merge(*given)

    monkeypatch.setattr(importing, "_merge", slow)
    upload(saved, "team.json", exported)
    await asyncio.to_thread(merging.wait, 10)
    busy = saved._files.busy
    await until(lambda: busy.stop.disabled)
    assert "be stopped any more" in busy._status.value
    busy.stop.click()  # the click of a view that doesn't know yet
    go_on.set()
    await saved.idle()
    assert {one.model_id for one in actions.saved.list()} >= set(MODELS)
    assert {one.model_id for one in saved.list.configs} >= set(MODELS)
    upload(saved, "again.json", exported)
    assert not busy.stop.disabled
    await saved.idle()


async def test_comparing_with_the_hub_shows_how_far_it_is_and_can_be_stopped(
    saved: SavedConfigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, verify, over = Gate(), SavedConfigActions.verify, threading.Event()

    def slow(self: SavedConfigActions, *, through: Callable[[Any], Any], **others: Any) -> Any:
        def gated(items: Any) -> Any:
            for item in through(items):
                gate.before(lambda value: value)(item)
                yield item

        try:
            return verify(self, MODELS, through=gated, **others)
        finally:
            over.set()

    monkeypatch.setattr(SavedConfigActions, "verify", slow)
    comparison = saved._comparison
    comparison.start()
    await asyncio.to_thread(gate.begun.wait, 10)
    comparison.show_status("Comparing …")  # what takes less than a second says nothing
    comparison.show_steps(1, 4)
    assert 'aria-label="1 of 4"' in comparison._bar.value
    saved.list.rows[0].button.click()
    assert not saved.detail.edit_button.disabled
    comparison.stop.click()
    assert comparison._bar.value == ""
    assert not comparison.is_busy
    gate.go_on.set()
    assert await asyncio.to_thread(over.wait, 10)
    assert gate.passed == MODELS[:2]


def test_a_script_imports_without_a_loop(actions: Actions, exported: bytes) -> None:
    view = SavedConfigs(actions)
    upload(view, "team.json", exported)
    assert [one.model_id for one in actions.saved.list()] == MODELS
    assert json.loads(exported)["user_model_configs"]
