"""The accelerators of this machine, or of another one whose tool printed them.

Apart from the rest of `hardware`, which is data: only what asks for this machine loads it.
"""

from __future__ import annotations

from budsim_widgets.hardware.detection.detected import DetectedAccelerator
from budsim_widgets.hardware.detection.machine import detect_accelerators
from budsim_widgets.hardware.detection.printed import parse_nvidia_smi

__all__ = ["DetectedAccelerator", "detect_accelerators", "parse_nvidia_smi"]
