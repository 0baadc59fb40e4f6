"""What fits where, and what would make it fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.lazy_names import on_first_use

if TYPE_CHECKING:
    from budsim_widgets.fitting.demand import Fit, fits
    from budsim_widgets.fitting.log_report import LogReport, LogRow
    from budsim_widgets.fitting.options import Option
    from budsim_widgets.fitting.precisions import (
        PrecisionRow,
        PrecisionsReport,
        compare_precisions,
        verdict_of_each_precision,
    )
    from budsim_widgets.fitting.recommendations import RecommendingReport, recommend
    from budsim_widgets.fitting.report import FitReport
    from budsim_widgets.fitting.what_fits import fit

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
    "verdict_of_each_precision",
]

__getattr__ = on_first_use(
    __name__,
    {
        "Fit": "demand",
        "FitReport": "report",
        "LogReport": "log_report",
        "LogRow": "log_report",
        "Option": "options",
        "PrecisionRow": "precisions",
        "PrecisionsReport": "precisions",
        "RecommendingReport": "recommendations",
        "compare_precisions": "precisions",
        "fit": "what_fits",
        "fits": "demand",
        "recommend": "recommendations",
        "verdict_of_each_precision": "precisions",
    },
)
