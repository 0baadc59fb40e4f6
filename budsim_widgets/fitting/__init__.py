"""What fits where, and what would make it fit."""

from __future__ import annotations

from budsim_widgets.fitting.demand import Fit, fits
from budsim_widgets.fitting.recommendations import recommend

__all__ = ["Fit", "fits", "recommend"]
