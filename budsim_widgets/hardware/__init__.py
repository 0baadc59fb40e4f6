"""Accelerators as data: what they hold and how they are called."""

from __future__ import annotations

from budsim_widgets.hardware.accelerators import Accelerator, accelerators, find

__all__ = ["Accelerator", "accelerators", "find"]
