"""Saved rows: a line that names their source, then one line of JSON a row, compressed."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write_rows(path: Path, source: dict[str, Any], rows: Iterable[dict[str, Any]]) -> int:
    """Write rows to a file, and say how many; the same rows make the same file, byte for byte."""
    lines = [json.dumps(row, separators=(",", ":")) for row in (source, *rows)]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    return len(lines) - 1


def read_rows(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The source and the rows of a file."""
    source, *rows = (json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines())
    return source, rows
