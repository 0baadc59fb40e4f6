from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from budsim_widgets.actions import Actions
from budsim_widgets.hub import HubClient
from budsim_widgets.panel import ConfigPrompt, MemoryPanel
from budsim_widgets.resolver import Resolver
from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.loopback import LoopbackHub


@pytest.fixture
def actions(tmp_path: Path, loopback_hub: LoopbackHub) -> Actions:
    return Actions(Resolver(ConfigStore(tmp_path / "configs.json"), HubClient(endpoint=loopback_hub.endpoint)))


@pytest.fixture
def make_panel(actions: Actions) -> Callable[..., MemoryPanel]:
    def make(model_id: str | None = None, **fields: object) -> MemoryPanel:
        return MemoryPanel(model_id, actions=actions, **fields)

    return make


@pytest.fixture
def panel(make_panel: Callable[..., MemoryPanel]) -> MemoryPanel:
    return make_panel()


@pytest.fixture
def prompt(actions: Actions) -> ConfigPrompt:
    return ConfigPrompt(actions)
