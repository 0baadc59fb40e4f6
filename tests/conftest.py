"""Fixtures that more than one package uses. No test reaches the network, nor the files of whoever runs it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import huggingface_hub.constants as hub_constants
import pytest
import slow_disk
from architectures.summary import pytest_terminal_summary  # noqa: F401 - a hook: prints the figures of the tests there
from hub.loopback import LoopbackHub
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

slow_disk.slow_down()

# A busy machine is no fault of the code: how long something takes is for the benchmarks to say.
settings.register_profile(
    "steady", parent=settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def hub_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for every test (numbered here: pytest's own numbering looks at all the others each time)."""
    base = tmp_path_factory.mktemp("hub-homes")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def hub_home(hub_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the Hub's client, for this process and those that it starts; no token, no endpoint."""
    home = next(hub_homes)
    home.mkdir()
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens: a test that means the Hub says so
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")  # the client would ask the endpoint about this environment
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # the client read these when it was imported
    monkeypatch.setattr(hub_constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(hub_constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(hub_constants, "HF_STORED_TOKENS_PATH", str(home / "stored_tokens"))
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub_constants, "HF_HUB_DISABLE_TELEMETRY", True)
    return home


@pytest.fixture
def loopback_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """The demonstration catalog, served on this machine; HF_ENDPOINT points to it."""
    with LoopbackHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub
