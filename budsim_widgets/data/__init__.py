"""Tables that come with the package; each file names its source."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load_table(name: str) -> dict[str, Any]:
    """The table `data/{name}.json`, read once a process.

    The dict is shared: treat it as read-only.
    """
    return json.loads((Path(__file__).parent / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]
