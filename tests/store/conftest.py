from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from budsim_widgets.store import ConfigStore
from budsim_widgets.store.file import store_file
from store.samples import PATIENCE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "configs.json"


@pytest.fixture
def store(path: Path) -> ConfigStore:
    return ConfigStore(path, lock_timeout_seconds=PATIENCE_SECONDS)


@pytest.fixture(autouse=True)
def short_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "_RETRY_AFTER_SECONDS", 0.001)
