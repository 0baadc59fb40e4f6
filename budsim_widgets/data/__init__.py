"""Tables that come with the package; each file names its source."""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data
from typing import Any


@cache
def load_table(name: str) -> dict[str, Any]:
    """The table `data/{name}.json`, read once a process.

    The dict is shared: treat it as read-only.
    """
    content = get_data(__name__, f"{name}.json")
    return json.loads(content or b"")  # type: ignore[no-any-return]
