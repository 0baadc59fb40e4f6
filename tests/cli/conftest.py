from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub


class Budsim(Protocol):
    def __call__(self, *arguments: str, text: str | bytes = "") -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "configs.json"
    monkeypatch.setenv("BUDSIM_STORE", str(path))
    return path


@pytest.fixture
def budsim(store_path: Path, loopback_hub: LoopbackHub) -> Budsim:  # noqa: ARG001 - both stand in the environment
    """The command in a process of its own, against a Hub on this machine and with a store of its own."""

    def run(*arguments: str, text: str | bytes = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "budsim_widgets", *arguments]
        content = text.encode() if isinstance(text, str) else text
        done = subprocess.run(command, input=content, capture_output=True, env=os.environ, check=False, timeout=120)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
