"""GGUF headers for tests: the bytes of keys and tensors, without data behind them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Tensor = tuple[str, tuple[int, ...], int]
"""Name, shape (rows before columns), number of its type."""


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value_of(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if all(isinstance(item, str) for item in value):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    return struct.pack("<IIQ", 9, 4, len(value)) + b"".join(struct.pack("<I", item) for item in value)


def header(values: Mapping[str, Any], tensors: Iterable[Tensor] = (), *, version: int = 3) -> bytes:
    listed = list(tensors)
    keys = b"".join(text(key) + value_of(value) for key, value in values.items())
    infos = b"".join(
        text(name)
        + struct.pack("<I", len(shape))
        + b"".join(struct.pack("<Q", size) for size in reversed(shape))
        + struct.pack("<IQ", kind, 0)
        for name, shape, kind in listed
    )
    return b"GGUF" + struct.pack("<IQQ", version, len(listed), len(values)) + keys + infos
