from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from budsim_widgets.store import ConfigStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "configs.json"


@pytest.fixture
def store(path: Path) -> ConfigStore:
    return ConfigStore(path, lock_timeout_seconds=2)
