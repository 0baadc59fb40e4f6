"""This machine's accelerators, with stand-ins for the vendors' tools and for NVML."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from budsim_widgets.hardware.detection import commands, detect_accelerators

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20
GIB = 2**30

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PATH but for what a test puts there, and no NVML."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pynvml", None)
    return tmp_path


def put(folder: Path, name: str, output: str = "", *, status: int = 0, script: str = "") -> None:
    told = folder / f"{name}.out"
    told.write_text(output, encoding="utf-8")
    tool = folder / name
    tool.write_text(
        script or f"#!/bin/sh\nwhile IFS= read -r l; do echo \"$l\"; done < '{told}'\nexit {status}\n", encoding="utf-8"
    )
    tool.chmod(0o755)


def names() -> list[tuple[str, int | None]]:
    return [(one.accelerator.name, one.free_bytes and one.free_bytes // MIB) for one in detect_accelerators()]


def test_where_nothing_is_nothing_is_started(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.is_dir()

    def started(*_: object, **__: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr(subprocess, "run", started)
    assert detect_accelerators() == ()


def test_nvidia_smi_is_asked_where_nvml_is_not_installed(tools: Path) -> None:
    put(
        tools,
        "nvidia-smi",
        "index, name, memory.total [MiB], memory.free [MiB]\n0, NVIDIA GeForce RTX 4090, 24564 MiB, 24000 MiB\n",
    )
    assert names() == [("RTX 4090 24GB", 24000)]


def test_rocm_smi_is_asked_and_its_warnings_are_passed_over(tools: Path) -> None:
    card = {
        "Card Series": "AMD Instinct MI300X",
        "VRAM Total Memory (B)": str(196592 * MIB),
        "VRAM Total Used Memory (B)": "0",
    }
    put(tools, "rocm-smi", f"WARNING: AMD GPU device(s) is/are in a low-power state\n{json.dumps({'card0': card})}\n")
    assert names() == [("MI300X 192GB", 196592)]


def test_amd_smi_is_asked_where_rocm_smi_is_not(tools: Path) -> None:
    static = [
        {"gpu": 0, "asic": {"market_name": "AMD Instinct MI300X"}, "vram": {"size": {"value": 196592, "unit": "MB"}}}
    ]
    usage = {"total_vram": {"value": 196592, "unit": "MB"}, "used_vram": {"value": 592, "unit": "MB"}}
    metric = {"gpu_data": [{"gpu": 0, "mem_usage": usage}]}
    script = f"#!/bin/sh\ncase $1 in static) echo '{json.dumps(static)}';; *) echo '{json.dumps(metric)}';; esac\n"
    put(tools, "amd-smi", script=script)
    assert names() == [("MI300X 192GB", 196000)]


def test_a_macs_chip_and_memory_are_asked_of_macos(tools: Path) -> None:
    profile = {
        "SPDisplaysDataType": [{"sppci_model": "Apple M3 Max", "sppci_cores": "40"}],
        "SPHardwareDataType": [{"physical_memory": "64 GB"}],
    }
    put(tools, "system_profiler", json.dumps(profile) + "\n")
    assert names() == [("M3 Max 64GB", None)]
    put(tools, "sysctl", f"{128 * GIB}\n")
    put(
        tools,
        "vm_stat",
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free: 64.\nPages inactive: 64.\n",
    )
    (found,) = detect_accelerators()
    assert found.accelerator.name == "M3 Max 128GB"
    assert found.total_bytes == 128 * GIB
    assert found.free_bytes == 128 * 16384


@pytest.mark.parametrize(
    "output", ["", "garbage", "{", '{"card0": {"VRAM Total Memory (B)": "no"}}', "No devices were found"]
)
@pytest.mark.parametrize("tool", ["nvidia-smi", "rocm-smi", "amd-smi", "system_profiler"])
@pytest.mark.parametrize("status", [0, 9])
def test_a_tool_that_fails_or_says_something_else_is_no_error(tools: Path, tool: str, output: str, status: int) -> None:
    put(tools, tool, f"{output}\n", status=status)
    assert detect_accelerators() == ()


def test_a_tool_that_hangs_is_left(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "TIMEOUT_SECONDS", 0.2)
    put(tools, "nvidia-smi", script="#!/bin/sh\nexec /bin/sleep 30\n")
    assert detect_accelerators() == ()


def test_a_file_that_cannot_be_started_is_no_error(tools: Path) -> None:
    put(tools, "nvidia-smi", script="\x7fELF nothing")
    assert detect_accelerators() == ()


class FakeNvml(ModuleType):
    """NVML with two GPUs, one of them divided, one of unified memory, and one that is lost."""

    class NVMLError(Exception):
        """Whatever NVML refuses."""

    def __init__(self, *, is_there: bool = True) -> None:
        super().__init__("pynvml")
        self.is_there = is_there
        self.is_open = False
        self.gpus: list[dict[str, Any]] = [
            {"name": "NVIDIA GeForce RTX 4090", "memory": (24564 * MIB, 24000 * MIB)},
            {
                "name": b"NVIDIA A100-SXM4-40GB",
                "memory": (40960 * MIB, 1),
                "parts": [{"name": "NVIDIA A100-SXM4-40GB MIG 3g.20gb", "memory": (19968 * MIB, 19931 * MIB)}],
            },
            {"name": "NVIDIA GB10"},
            {},
        ]

    def nvmlInit(self) -> None:  # noqa: N802 - NVML's name, as the others
        if not self.is_there:
            raise self.NVMLError
        self.is_open = True

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.is_open = False

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> dict[str, Any]:  # noqa: N802
        return self.gpus[index]

    def nvmlDeviceGetName(self, gpu: dict[str, Any]) -> str | bytes:  # noqa: N802
        return self._value(gpu, "name")

    def nvmlDeviceGetMemoryInfo(self, gpu: dict[str, Any]) -> SimpleNamespace:  # noqa: N802
        total, free = self._value(gpu, "memory")
        return SimpleNamespace(total=total, free=free)

    def nvmlDeviceGetMigMode(self, gpu: dict[str, Any]) -> tuple[int, int]:  # noqa: N802
        self._value(gpu, "parts")
        return 1, 1

    def nvmlDeviceGetMaxMigDeviceCount(self, _: dict[str, Any]) -> int:  # noqa: N802
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, gpu: dict[str, Any], number: int) -> dict[str, Any]:  # noqa: N802
        if number >= len(gpu["parts"]):
            raise self.NVMLError
        part: dict[str, Any] = gpu["parts"][number]
        return part

    def _value(self, gpu: dict[str, Any], key: str) -> Any:
        if key not in gpu:
            raise self.NVMLError
        return gpu[key]


def test_nvml_is_asked_for_each_gpu_and_each_part_that_mig_made(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.is_dir()
    nvml = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert names() == [("RTX 4090 24GB", 24000), ("A100 40GB MIG 3g.20gb", 19931), ("DGX Spark 128GB", None)]
    assert not nvml.is_open


def test_nvml_without_a_driver_is_no_error(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.is_dir()
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(is_there=False))
    assert detect_accelerators() == ()


def test_accelerators_as_data_load_no_detection() -> None:
    probe = "import sys, budsim_widgets.hardware as h; print('subprocess' in sys.modules, hasattr(h, 'detection'))"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {probe}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == ["False", "False"]
