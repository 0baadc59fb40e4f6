"""Accelerators as data: what they hold and how they are called. What this machine has: `hardware.detection`."""

from __future__ import annotations

from budsim_widgets.hardware.accelerators import Accelerator
from budsim_widgets.hardware.finding import find, find_accelerator
from budsim_widgets.hardware.table import accelerators, common_accelerators

__all__ = ["Accelerator", "accelerators", "common_accelerators", "find", "find_accelerator"]
