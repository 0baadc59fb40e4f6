"""Results as HTML: the verdict first, then the picture, the table, and what to know about the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.memory import AnalysisReport, ComparisonReport
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.rendering.reports.analysis_html import analysis_html
from budsim_widgets.rendering.reports.comparison_html import comparison_html
from budsim_widgets.rendering.reports.memory_html import fit_html, memory_html
from budsim_widgets.rendering.reports.training_html import training_html
from budsim_widgets.training import TrainingReport
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.rendering.reports.kinds import Report
    from budsim_widgets.resolver import ResolvedConfig


def report_html(
    report: Report,
    accelerator: Accelerator | None,
    fit: FitReport | None,
    resolved: ResolvedConfig | None,
    *,
    is_offered: Callable[[Mapping[str, Any]], bool] = lambda _: False,
) -> Html:
    """A report of any kind.

    Args:
        report: The report.
        accelerator: What it should fit on; None: the smallest that does.
        fit: What of a calculated model fits there.
        resolved: The config that it was made of, where that is known.
        is_offered: Whether the changes of an option have a button beside the report.
    """
    if isinstance(report, TrainingReport):
        return as_result(training_html(report, is_offered))
    return as_result(report_body(report, accelerator, fit, resolved))


def as_result(body: Html) -> Html:
    """A body as a region that a screen reader finds."""
    return tag("section", body, class_="budsim-report", aria_label=tr("Result"))


def report_body(
    report: Report, accelerator: Accelerator | None, fit: FitReport | None, resolved: ResolvedConfig | None
) -> Html:
    """What stands in the region of a report; the arguments are those of `report_html`."""
    if isinstance(report, ComparisonReport):
        return comparison_html(report, accelerator)
    if isinstance(report, AnalysisReport):
        return analysis_html(report, accelerator, resolved)
    if isinstance(report, TrainingReport):
        return training_html(report)
    if fit is not None:
        return fit_html(fit, report, resolved)
    return memory_html(report, resolved)
