"""The kinds of reports that are rendered alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
    from budsim_widgets.training import TrainingReport

    Report: TypeAlias = MemoryReport | AnalysisReport | ComparisonReport | TrainingReport
