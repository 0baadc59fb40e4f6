"""A report as the output of a cell: what the panel shows of it, without the panel's buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from budsim_widgets.fitting import FitReport, PrecisionsReport, fit
from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport
from budsim_widgets.memory.shown import ShownTable
from budsim_widgets.rendering.markup import Html, join
from budsim_widgets.rendering.page import page
from budsim_widgets.rendering.prose import bullets
from budsim_widgets.rendering.reports.about import verdict_html
from budsim_widgets.rendering.reports.memory_html import fit_parts, memory_parts
from budsim_widgets.rendering.reports.option_words import option_label
from budsim_widgets.rendering.reports.precision_chips import precision_chips
from budsim_widgets.rendering.reports.precisions_html import precisions_html
from budsim_widgets.rendering.reports.report_html import as_result, report_parts
from budsim_widgets.rendering.reports.table_html import table_html
from budsim_widgets.translation import in_language, language_of

if TYPE_CHECKING:
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.rendering.reports.kinds import Report
    from budsim_widgets.training import TrainingReport

    Shown: TypeAlias = Report | FitReport | ShownTable

_MOST_OPTIONS = 6


def output(report: Shown) -> Html:
    """A report of any kind as a page of its own, in the language that the environment names.

    Example:
        >>> from budsim_widgets.engines import Workload
        >>> from budsim_widgets.memory import ComparisonReport
        >>> "None of these models" in output(ComparisonReport(rows=(), workload=Workload()))
        True
    """
    with in_language(language_of(None)):
        return page(as_result(_shown(report)))


def _shown(report: Shown) -> Html:
    if isinstance(report, PrecisionsReport):
        return join(verdict_html(report.title, "plain"), precisions_html(report))
    if isinstance(report, ShownTable):
        return table_html(report)
    if isinstance(report, FitReport):
        return _placed(report, report.memory)
    if isinstance(report, MemoryReport):
        return _measured(report)
    return report_parts(report, _accelerator(report), None, None).details


def _measured(report: MemoryReport) -> Html:
    """On its workload's accelerator, where one is named, as the panel shows it."""
    accelerator = report.workload.accelerator
    if accelerator is None:
        answer, details = memory_parts(report, None)
        return join(answer, precision_chips(report, None), details)
    return _placed(fit(report.architecture, report.workload, accelerator, model_id=report.model_id), report)


def _placed(placed: FitReport, report: MemoryReport) -> Html:
    options = bullets(map(option_label, placed.options[:_MOST_OPTIONS]), "budsim-advice")
    answer, details = fit_parts(placed, report, None, options)
    return join(answer, precision_chips(report, placed.accelerator), details)


def _accelerator(report: AnalysisReport | ComparisonReport | TrainingReport) -> Accelerator | None:
    """What the workload names; training says itself whether it fits."""
    if isinstance(report, ComparisonReport):
        return report.workload.accelerator
    return report.reports[-1].workload.accelerator if isinstance(report, AnalysisReport) else None
