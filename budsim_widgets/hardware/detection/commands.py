"""The vendors' tools, started without a shell and never waited for long."""

from __future__ import annotations

import shutil
import subprocess
from typing import Final

TIMEOUT_SECONDS: Final = 5.0
_MOST_CHARACTERS: Final = 4_000_000


def output_of(tool: str, *arguments: str) -> str | None:
    """What a tool on the PATH prints; None where there is none, or it fails, or it takes too long."""
    path = shutil.which(tool)
    if path is None:
        return None
    try:
        told = subprocess.run(  # noqa: S603 - a tool on the PATH with arguments of our own, no shell
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout[:_MOST_CHARACTERS].decode("utf-8", "replace") if told.returncode == 0 else None
