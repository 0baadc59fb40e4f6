"""Results as HTML: the verdict first, then the picture, the table, and what to know about the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.memory import AnalysisReport, ComparisonReport
from budsim_widgets.panel.html.markup import Html, tag
from budsim_widgets.panel.results.analysis_html import analysis_html
from budsim_widgets.panel.results.comparison_html import comparison_html
from budsim_widgets.panel.results.memory_html import fit_html, memory_html
from budsim_widgets.panel.results.training_html import training_html
from budsim_widgets.training import TrainingReport
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.panel.flow.run_action import ActionResult, Report
    from budsim_widgets.resolver import ResolvedConfig


def result_html(result: ActionResult, accelerator: Accelerator | None, fit: FitReport | None = None) -> Html:
    """What an action gave, as the panel shows it.

    Args:
        result: What it gave.
        accelerator: What it should fit on; None: the smallest that does.
        fit: What of a calculated model fits there.
    """
    return report_html(result.report, accelerator, fit, result.resolved)


def report_html(
    report: Report, accelerator: Accelerator | None, fit: FitReport | None, resolved: ResolvedConfig | None
) -> Html:
    """A report of any kind."""
    return tag("section", _body(report, accelerator, fit, resolved), class_="budsim-report", aria_label=tr("Result"))


def _body(
    report: Report, accelerator: Accelerator | None, fit: FitReport | None, resolved: ResolvedConfig | None
) -> Html:
    if isinstance(report, ComparisonReport):
        return comparison_html(report, accelerator)
    if isinstance(report, AnalysisReport):
        return analysis_html(report, accelerator, resolved)
    if isinstance(report, TrainingReport):
        return training_html(report)
    if fit is not None:
        return fit_html(fit, report, resolved)
    return memory_html(report, resolved)
