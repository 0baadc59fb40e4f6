"""Earlier versions, packed: 20 of them take less room in the file than the config itself, since they differ little.

Whole, they would make reading and writing the store 20 times slower, and hardly anyone asks for them. An export holds
them as people can read them.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, Final

from budsim_widgets.store.records.checks import fault_of_version
from budsim_widgets.store.records.texts import to_json

MAX_HISTORY_BYTES: Final = 8 << 20
"""What the earlier versions of one model may take as JSON; the oldest go first. 20 of 2 KB take 40 KB."""

_LEVEL: Final = 6


class DamagedHistoryError(Exception):
    """The earlier versions of a model can't be read; the text says why.

    Attributes:
        model_id: The model.
    """

    def __init__(self, reason: str, *, model_id: str) -> None:
        super().__init__(reason)
        self.model_id = model_id


def packed(versions: list[dict[str, Any]]) -> str:
    """The records of earlier versions as one text; nothing for none.

    Example:
        >>> unpacked(packed([]), model_id="org/model")
        []
    """
    kept: list[str] = []
    free_bytes = MAX_HISTORY_BYTES - len("[]")
    for text in map(to_json, versions):
        free_bytes -= len(text) + len(",")
        if free_bytes < 0:
            break
        kept.append(text)
    if not kept:
        return ""
    return base64.b64encode(zlib.compress(f"[{','.join(kept)}]".encode("ascii"), _LEVEL)).decode("ascii")


def unpacked(history: str | list[dict[str, Any]], *, model_id: str) -> list[dict[str, Any]]:
    """The records of earlier versions; those of an export are no text and stand for themselves.

    Raises:
        DamagedHistoryError: The text is none that `packed` gave.
        RecursionError: The caller is nested too deeply, or they are.
    """
    if isinstance(history, list):
        return history
    if not history:
        return []
    try:
        versions = json.loads(_decompressed(base64.b64decode(history, validate=True)))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise DamagedHistoryError(f"its earlier versions can't be unpacked: {error}", model_id=model_id) from None
    if not isinstance(versions, list):
        raise DamagedHistoryError("its earlier versions are no list", model_id=model_id)
    fault = next(filter(None, map(fault_of_version, versions)), None)
    if fault is not None:
        raise DamagedHistoryError(f"in an earlier version {fault}", model_id=model_id)
    return versions


def _decompressed(data: bytes) -> bytes:
    # A few KB of a hostile file could otherwise become gigabytes.
    stream = zlib.decompressobj()
    text = stream.decompress(data, MAX_HISTORY_BYTES + 1)
    if not stream.eof or stream.unused_data:
        raise ValueError("cut off, or too long")
    return text
