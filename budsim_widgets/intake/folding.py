"""Configs of several MiB that list the quantization of every single expert: folded to one entry for all of a layer.

Model Optimizer writes `quantized_layers`, 60,000 entries for a model of 60 layers with 256 experts. All experts of a
layer have the same, and transformers holds them as one module; one entry is all that a calculation needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FOLDED_BYTES: Final = 6 * 1024**2
"""Texts above this are never looked at."""

_MAX_ENTRIES: Final = 100_000
_MAX_NAME: Final = 300

_LISTS: Final = re.compile(r'"quantized_layers"\s*:\s*\{')
_ENTRY: Final = re.compile(r'\s*"([^"\\]{1,300})"\s*:\s*(\{[^{}"]*(?:"[^"\\{}]*"[^{}"]*)*\})\s*(,?)')
_EXPERT: Final = re.compile(r"\.experts\.\d+\.[\w.]+$")


def folded(text: str) -> str:
    r"""The same text with one entry for all experts of a layer in `quantized_layers`; as it is where there is no such.

    The work is linear: each entry is matched once, from where the one before ends.

    Example:
        >>> folded('{"quantized_layers": {"l.0.experts.0.up": {"quant_algo": "NVFP4"}, '
        ...        '"l.0.experts.1.up": {"quant_algo": "NVFP4"}}}')
        '{"quantized_layers": {"l.0.experts": {"quant_algo": "NVFP4"}}}'
    """
    pieces, place = [], 0
    for found in _LISTS.finditer(text):
        if found.start() < place:
            continue
        entries, end = _entries(text, found.end())
        if entries:
            listed = ", ".join(f'"{name}": {value}' for name, value in entries.items())
            pieces += [text[place : found.end()], listed]
            place = end
    return "".join((*pieces, text[place:])) if pieces else text


def folded_layers(listed: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The same of a `quantized_layers` that was read already; as it is where it has more entries than any model's.

    Example:
        >>> folded_layers({"l.0.experts.0.up": {"quant_algo": "NVFP4"}, "l.0.experts.1.up": {"quant_algo": "NVFP4"}})
        {'l.0.experts': {'quant_algo': 'NVFP4'}}
    """
    if len(listed) > _MAX_ENTRIES or not all(isinstance(name, str) and len(name) <= _MAX_NAME for name in listed):
        return listed
    entries: dict[Any, Any] = {}
    for name, value in listed.items():
        entries.setdefault(_EXPERT.sub(".experts", name) if isinstance(value, dict) else name, value)
    return entries


def _entries(text: str, start: int) -> tuple[dict[str, str], int]:
    """The entries from a place on, with experts as one, and where they end."""
    entries: dict[str, str] = {}
    while True:
        found = _ENTRY.match(text, start)
        if found is None:
            return entries, start
        entries.setdefault(_EXPERT.sub(".experts", found[1]), found[2])
        start = found.end()
        if not found[3]:
            return entries, start
