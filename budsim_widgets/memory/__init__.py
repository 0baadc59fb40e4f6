"""Architecture x workload → MemoryReport: weights, cache, activations, overhead, on one device or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.lazy_names import on_first_use
from budsim_widgets.memory.device_memory import DeviceMemory
from budsim_widgets.memory.lines import Line
from budsim_widgets.memory.measuring import measure
from budsim_widgets.memory.report import MemoryReport

if TYPE_CHECKING:
    from budsim_widgets.memory.analysis import AnalysisReport
    from budsim_widgets.memory.comparison import ComparisonReport, ComparisonRow

__all__ = [
    "AnalysisReport",
    "ComparisonReport",
    "ComparisonRow",
    "DeviceMemory",
    "Line",
    "MemoryReport",
    "measure",
]

__getattr__ = on_first_use(
    __name__, {"AnalysisReport": "analysis", "ComparisonReport": "comparison", "ComparisonRow": "comparison"}
)
