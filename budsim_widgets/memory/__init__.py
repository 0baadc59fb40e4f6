"""Architecture x workload → MemoryReport: weights, cache, activations, overhead, on one device or several."""

from __future__ import annotations

from budsim_widgets.memory.analysis import AnalysisReport
from budsim_widgets.memory.comparison import ComparisonReport, ComparisonRow
from budsim_widgets.memory.measuring import measure
from budsim_widgets.memory.report import DeviceMemory, Line, MemoryReport

__all__ = [
    "AnalysisReport",
    "ComparisonReport",
    "ComparisonRow",
    "DeviceMemory",
    "Line",
    "MemoryReport",
    "measure",
]
