"""Results as HTML: the verdict first, then the picture, the table, and what to know about the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.memory import AnalysisReport, ComparisonReport
from budsim_widgets.rendering.markup import NOTHING, Html, tag
from budsim_widgets.rendering.reports.analysis_html import analysis_html
from budsim_widgets.rendering.reports.comparison_html import comparison_html
from budsim_widgets.rendering.reports.memory_html import ReportParts, fit_parts, memory_parts
from budsim_widgets.rendering.reports.training_html import training_html
from budsim_widgets.training import TrainingReport
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.rendering.reports.kinds import Report
    from budsim_widgets.resolver import ResolvedConfig


def report_parts(
    report: Report,
    accelerator: Accelerator | None,
    fit: FitReport | None,
    resolved: ResolvedConfig | None,
    *,
    is_offered: Callable[[Mapping[str, Any]], bool] = lambda _: False,
) -> ReportParts:
    """A report of any kind: of one model in two parts, of others all of it in the second.

    Args:
        report: The report.
        accelerator: What it should fit on; None: the smallest that does.
        fit: What of a calculated model fits there.
        resolved: The config that it was made of, where that is known.
        is_offered: Whether the changes of an option have a button beside the report.
    """
    if isinstance(report, ComparisonReport):
        return ReportParts(NOTHING, comparison_html(report, accelerator))
    if isinstance(report, AnalysisReport):
        return ReportParts(NOTHING, analysis_html(report, accelerator, resolved))
    if isinstance(report, TrainingReport):
        return ReportParts(NOTHING, training_html(report, is_offered))
    if fit is not None:
        return fit_parts(fit, report, resolved)
    return memory_parts(report, resolved)


def as_report(part: Html) -> Html:
    """A part of a report on screen; nothing for an empty one."""
    return tag("div", part, class_="budsim-report") if part else NOTHING


def as_result(*parts: Html) -> Html:
    """A result as a region that a screen reader finds."""
    return tag("section", *parts, class_="budsim-report", aria_label=tr("Result"))
