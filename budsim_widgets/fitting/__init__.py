"""What fits where, and what would make it fit."""

from __future__ import annotations

from budsim_widgets.fitting.demand import Fit, fits
from budsim_widgets.fitting.fit import fit
from budsim_widgets.fitting.log_report import LogReport, LogRow
from budsim_widgets.fitting.options import Option
from budsim_widgets.fitting.precisions import PrecisionRow, PrecisionsReport, compare_precisions
from budsim_widgets.fitting.recommendations import RecommendingReport, recommend
from budsim_widgets.fitting.report import FitReport

__all__ = [
    "Fit",
    "FitReport",
    "LogReport",
    "LogRow",
    "Option",
    "PrecisionRow",
    "PrecisionsReport",
    "RecommendingReport",
    "compare_precisions",
    "fit",
    "fits",
    "recommend",
]
