"""A disk as slow as `BUDSIM_TEST_FSYNC_SECONDS` says: to see whether a test only passes on a fast one."""

from __future__ import annotations

import os
import time

VARIABLE = "BUDSIM_TEST_FSYNC_SECONDS"


def slow_down() -> None:
    """Let each `fsync` of this process take so long; nothing changes where the variable isn't set."""
    seconds = float(os.environ.get(VARIABLE) or 0)
    if not seconds:
        return
    sync = os.fsync

    def slow_sync(descriptor: int) -> None:
        time.sleep(seconds)
        sync(descriptor)

    os.fsync = slow_sync
