from __future__ import annotations

import threading

import pytest

from budsim_widgets.actions import Actions
from budsim_widgets.server import service
from budsim_widgets.server.responses import status_of
from budsim_widgets.server.service import LocalTimeoutError, Service


async def test_work_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_LOCAL_SECONDS", 0.05)
    served, release = Service(Actions()), threading.Event()
    try:
        with pytest.raises(LocalTimeoutError) as caught:
            await served.run_locally(release.wait)
        assert status_of(caught.value) == 503
        assert await served.run_locally(lambda: "another request") == "another request"
    finally:
        release.set()
        served.close()
