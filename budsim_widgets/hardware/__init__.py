"""Accelerators as data, and what fits where."""

from __future__ import annotations

from budsim_widgets.hardware.accelerators import Accelerator, accelerators, find
from budsim_widgets.hardware.fitting import Fit, fits
from budsim_widgets.hardware.recommending import recommend

__all__ = ["Accelerator", "Fit", "accelerators", "find", "fits", "recommend"]
