"""What this machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.hardware.detection.apple import from_system_profile
from budsim_widgets.hardware.detection.commands import output_of
from budsim_widgets.hardware.detection.nvml import from_nvml
from budsim_widgets.hardware.detection.printed import parse_nvidia_smi
from budsim_widgets.hardware.detection.rocm import from_rocm

if TYPE_CHECKING:
    from budsim_widgets.hardware.detection.detected import DetectedAccelerator

_QUERY: Final = ("--query-gpu=index,name,memory.total,memory.free", "--format=csv")


def detect_accelerators(text: str | None = None) -> tuple[DetectedAccelerator, ...]:
    """The accelerators of this machine, with their total and free memory now; none where there are none.

    It asks NVML (with the extra `gpu`) or nvidia-smi, rocm-smi or amd-smi, and macOS. A tool that isn't there is not
    started, one that hangs is left after 5 seconds, and none of them is an error. All GPUs are listed, also those that
    `CUDA_VISIBLE_DEVICES` hides.

    Args:
        text: What nvidia-smi or rocm-smi printed on another machine, in place of this one.

    Raises:
        WorkloadError: The text is no text, or too long; `.field` is `text`.

    Example:
        >>> detect_accelerators("GPU 0: Tesla T4 (UUID: GPU-1)")[0].accelerator.name
        'T4 16GB'
    """
    if text is not None:
        return parse_nvidia_smi(text)
    nvidia = from_nvml()
    if nvidia is None:
        nvidia = parse_nvidia_smi(output_of("nvidia-smi", *_QUERY) or "")
    return (*nvidia, *from_rocm(), *from_system_profile())
