"""What of a report is drawn as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.demand import demand_of
from budsim_widgets.fitting.recommendations import smallest_place
from budsim_widgets.memory import AnalysisReport, ComparisonReport
from budsim_widgets.rendering.bars import Bar, Bars
from budsim_widgets.rendering.markup import shorten
from budsim_widgets.rendering.model_names import short_names
from budsim_widgets.rendering.reports.verdict import capacity_of, devices_label
from budsim_widgets.rendering.segments import segments_of, segments_of_moment
from budsim_widgets.training import TrainingReport
from budsim_widgets.training.sentences import MOMENT_WORDS
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport
    from budsim_widgets.rendering.reports.kinds import Report
    from budsim_widgets.training import TrainingMoment


def bars_of(report: Report, accelerator: Accelerator | None, fit: FitReport | None) -> Bars:
    """The bars of a report of any kind.

    Args:
        report: The report.
        accelerator: What it should fit on; None: nothing is drawn as full but for one model, on the smallest place.
        fit: What of a calculated model fits there.
    """
    if isinstance(report, ComparisonReport):
        return comparison_bars(report, accelerator)
    if isinstance(report, TrainingReport):
        return training_bars(report)
    if isinstance(report, AnalysisReport):
        return _analysis_bars(report, accelerator)
    return fit_bars(fit) if fit else memory_bars(report)


def memory_bars(report: MemoryReport) -> Bars:
    """One model, on the smallest place on which it fits."""
    place = smallest_place(demand_of(report.measured))
    bar = Bar(shorten(report.model_id or tr("This config")), segments_of(report))
    if place is None:
        return Bars((bar,))
    return Bars((bar,), place.count * place.accelerator.usable_bytes, devices_label(place.accelerator, place.count))


def fit_bars(fit: FitReport) -> Bars:
    """One model on its accelerators."""
    bar = Bar(shorten(fit.model_id or tr("This config")), segments_of(fit.memory))
    return Bars((bar,), fit.capacity_bytes * fit.num_devices, devices_label(fit.accelerator, fit.num_devices))


def comparison_bars(report: ComparisonReport, accelerator: Accelerator | None) -> Bars:
    """A bar for each model that was calculated; the least is marked."""
    done = [(shorten(row.model_id), row.report) for row in report.rows if row.report is not None]
    least = min((one.total_bytes for _, one in done), default=0)
    short = short_names(name for name, _ in done)
    bars = (
        Bar(name, segments_of(one), tr("least") if one.total_bytes == least else "", short[name]) for name, one in done
    )
    if accelerator is None:
        return Bars(tuple(bars))
    capacity = max((capacity_of(one, accelerator) for _, one in done), default=0)
    return Bars(tuple(bars), capacity, devices_label(accelerator, report.workload.num_devices))


def training_bars(report: TrainingReport) -> Bars:
    """A bar for each moment of a step, on one device."""
    bars = tuple(Bar(moment_name(moment, report), segments_of_moment(moment, report)) for moment in report.moments)
    if report.fit is None:
        return Bars(bars)
    return Bars(bars, report.fit.capacity_bytes, report.fit.accelerator.label)


def moment_name(moment: TrainingMoment, report: TrainingReport) -> str:
    """A moment in words; the one that holds most is marked."""
    name = tr(MOMENT_WORDS[moment.name])
    return tr("{moment} (peak)", moment=name) if moment is report.peak else name


def _analysis_bars(report: AnalysisReport, accelerator: Accelerator | None) -> Bars:
    bars = tuple(
        Bar(tr("{tokens:,} tokens", tokens=one.workload.seq_length), segments_of(one)) for one in report.reports
    )
    if accelerator is None:
        return Bars(bars)
    longest = report.reports[-1]
    return Bars(bars, capacity_of(longest, accelerator), devices_label(accelerator, longest.workload.num_devices))
