"""Which tables of the package are of another version of transformers than the one that is installed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SAID = re.compile(r"transformers (\d+(?:\.\d+)+)")


def tables_of_others(folder: Path, installed: str) -> Iterator[str]:
    """A line for each table that says a version of transformers other than this one.

    Args:
        folder: Where the tables are.
        installed: The version, such as `5.24.0`; a table may name its first two numbers alone.
    """
    for path in sorted(folder.glob("*.json")):
        table = json.loads(path.read_text("utf-8"))
        said = _SAID.search(str(table.get("_source", table.get("source", "")))) if isinstance(table, dict) else None
        if said is not None and not f"{installed}.".startswith(f"{said[1]}."):
            yield f"table    {path.name}: of transformers {said[1]}"
