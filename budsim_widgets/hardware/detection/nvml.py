"""NVIDIA's GPUs as NVML tells of them, through nvidia-ml-py (the extra `gpu`)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from budsim_widgets.hardware.detection.detected import DetectedAccelerator, detected, partition

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Memory(NamedTuple):
    total: int | None
    free: int | None


def from_nvml() -> tuple[DetectedAccelerator, ...] | None:
    """The GPUs of this machine; None where nvidia-ml-py isn't installed, or NVML doesn't answer."""
    try:
        import pynvml  # noqa: PLC0415 - optional
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        return tuple(_gpus(pynvml))
    except pynvml.NVMLError:
        return None
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _gpus(nvml: Any) -> Iterator[DetectedAccelerator]:
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            name = _text(nvml.nvmlDeviceGetName(handle))
        except nvml.NVMLError:  # lost, or not for this user
            continue
        parts = list(_partitions(nvml, handle, name, index))
        if parts:
            yield from parts
            continue
        memory = _memory(nvml, handle)
        found = detected(name, index, memory.total, memory.free)
        if found is not None:
            yield found


def _partitions(nvml: Any, handle: Any, name: str, index: int) -> Iterator[DetectedAccelerator]:
    """The parts that MIG has made of a GPU."""
    try:
        current, _ = nvml.nvmlDeviceGetMigMode(handle)
        count = nvml.nvmlDeviceGetMaxMigDeviceCount(handle) if current else 0
    except nvml.NVMLError:  # no MIG on this GPU
        return
    for number in range(count):
        try:
            part = nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, number)
            profile = _text(nvml.nvmlDeviceGetName(part)).rpartition("MIG ")[2]
        except nvml.NVMLError:  # fewer parts than there may be
            continue
        memory = _memory(nvml, part)
        if memory.total:
            yield partition(name, profile, index, memory.total, memory.free)


def _memory(nvml: Any, handle: Any) -> _Memory:
    try:
        info = nvml.nvmlDeviceGetMemoryInfo(handle)
    except nvml.NVMLError:  # unified memory
        return _Memory(None, None)
    return _Memory(int(info.total), int(info.free))


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name
