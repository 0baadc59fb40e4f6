"""A Mac's GPU as macOS tells of it: the chip, the memory, and what is free of it."""

from __future__ import annotations

import json
from typing import Any, Final

from budsim_widgets.hardware.detection.commands import output_of
from budsim_widgets.hardware.detection.detected import DetectedAccelerator, detected
from budsim_widgets.units import GIB

_FREE_PAGES: Final = ("Pages free", "Pages inactive", "Pages speculative", "Pages purgeable")


def from_system_profile() -> tuple[DetectedAccelerator, ...]:
    """The GPU of a Mac with Apple's own chip; none elsewhere."""
    told = output_of("system_profiler", "SPDisplaysDataType", "SPHardwareDataType", "-json")
    profile = _json(told or "")
    names = [str(gpu.get("sppci_model", "")) for gpu in _items(profile, "SPDisplaysDataType")]
    name = next((name for name in names if name.startswith("Apple ")), None)
    total = _memory_bytes(profile)
    if name is None or total is None:
        return ()
    found = detected(name, 0, total, _free_bytes(output_of("vm_stat") or ""), vendor="Apple")
    return () if found is None else (found,)


def _memory_bytes(profile: Any) -> int | None:
    exact = (output_of("sysctl", "-n", "hw.memsize") or "").strip()
    if exact.isdecimal():
        return int(exact)
    for machine in _items(profile, "SPHardwareDataType"):
        size, _, unit = str(machine.get("physical_memory", "")).partition(" ")
        if size.isdecimal() and unit in {"GB", "TB"}:
            return int(size) * GIB * (1024 if unit == "TB" else 1)
    return None


def _free_bytes(told: str) -> int | None:
    """What `vm_stat` says is free, or given up when asked for."""
    first, *lines = told.splitlines() or [""]
    size = first.partition("page size of ")[2].partition(" ")[0]
    if not size.isdecimal():
        return None
    pages = [line.partition(":")[2].strip(" .") for line in lines if line.startswith(_FREE_PAGES)]
    return sum(int(count) for count in pages if count.isdecimal()) * int(size)


def _items(profile: Any, key: str) -> list[dict[str, Any]]:
    listed = profile.get(key) if isinstance(profile, dict) else None
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
