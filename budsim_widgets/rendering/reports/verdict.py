"""The sentence that a result begins with: does it fit?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.fitting import fits
from budsim_widgets.fitting.demand import DEVICE_COUNTS, demand_of
from budsim_widgets.fitting.placement import Placement
from budsim_widgets.fitting.recommendations import smallest_place
from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.translation import tr, tr_count
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport

_MOST: Final = DEVICE_COUNTS[-1]
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


class Verdict(NamedTuple):
    """Whether it fits.

    Attributes:
        sentence: For a person.
        fits: Whether it fits on one accelerator; None where that isn't the question.
        capacity_bytes: What the accelerators of the sentence hold; 0 where it names none.
    """

    sentence: str
    fits: bool | None
    capacity_bytes: int


def verdict(report: MemoryReport) -> Verdict:
    """On which accelerator a model fits.

    Example:
        "Fits on one NVIDIA L4 24GB: 15.9 of 22.0 GiB"
    """
    place = smallest_place(demand_of(report.measured))
    if place is None:
        total = _gib(report.total_bytes)
        sentence = tr("Does not fit on {count} of any accelerator known here: {total} GiB", count=_MOST, total=total)
        return Verdict(sentence, fits=False, capacity_bytes=0)
    name, capacity = _name(place.accelerator), place.count * place.accelerator.usable_bytes
    used = _of(report.total_bytes, capacity)
    if place.count == 1:
        return Verdict(
            tr("Fits on one {accelerator}: {used}", accelerator=name, used=used), fits=True, capacity_bytes=capacity
        )
    sentence = tr(
        "Does not fit on one accelerator, needs {count} {times} {accelerator}: {used}",
        count=place.count,
        times=_TIMES,
        accelerator=name,
        used=used,
    )
    return Verdict(sentence, fits=False, capacity_bytes=capacity)


def context_verdict(report: AnalysisReport, accelerator: Accelerator | None, full_at: int | None = None) -> Verdict:
    """Up to which context length a model fits.

    Args:
        report: The analysis.
        accelerator: On what; None: on the smallest for the longest length.
        full_at: The longest context that fits there, where that was solved; None: the longest of the analysis.
    """
    if accelerator is None:
        return _on_any_context(report)
    name, fitting = _name(accelerator), [one for one in report.reports if _placement(one, accelerator).free_bytes >= 0]
    capacity = capacity_of(report.reports[-1], accelerator)
    if not fitting:
        shortest = report.reports[0]
        sentence = tr(
            "Does not fit on one {accelerator}: {tokens:,} tokens take {used}",
            accelerator=name,
            tokens=shortest.workload.seq_length,
            used=_of(shortest.total_bytes, capacity),
        )
        return Verdict(sentence, fits=False, capacity_bytes=capacity)
    if len(fitting) == len(report.reports):
        used = _of(fitting[-1].total_bytes, capacity)
        sentence = tr("All these lengths fit on one {accelerator}: up to {used}", accelerator=name, used=used)
        return Verdict(sentence, fits=True, capacity_bytes=capacity)
    length = full_at or fitting[-1].workload.seq_length
    sentence = tr("Fits on one {accelerator} up to {tokens:,} tokens of context", accelerator=name, tokens=length)
    return Verdict(sentence, fits=True, capacity_bytes=capacity)


def comparison_verdict(report: ComparisonReport, accelerator: Accelerator | None) -> Verdict:
    """How many of several models fit, or, for no accelerator, which takes least."""
    done = [(row.model_id, row.report) for row in report.rows if row.report is not None]
    if not done:
        return Verdict(tr("None of these models could be calculated"), fits=None, capacity_bytes=0)
    if accelerator is None:
        name, least = min(done, key=lambda one: one[1].total_bytes)
        sentence = tr("{model} takes the least memory: {total} GiB", model=name, total=_gib(least.total_bytes))
        return Verdict(sentence, fits=None, capacity_bytes=0)
    verdicts = Counter(_placement(one, accelerator).verdict for _, one in done)
    sentence = tr_count(
        "{count} of {all} fits on one {accelerator}",
        "{count} of {all} fit on one {accelerator}",
        verdicts["fits"],
        all=len(done),
        accelerator=_name(accelerator),
    )
    if verdicts["tight"]:
        sentence = tr("{sentence}, {count} tight", sentence=sentence, count=verdicts["tight"])
    return Verdict(sentence, fits=None, capacity_bytes=accelerator.usable_bytes)


def place_of(report: MemoryReport, accelerator: Accelerator | None) -> str:
    """Where a model fits, for a cell of a table: on the accelerator, or on which is the smallest."""
    if accelerator is None:
        place = smallest_place(demand_of(report.measured))
        return devices_label(place.accelerator, place.count) if place else tr("none known here")
    placement = _placement(report, accelerator)
    words = place_words(placement.verdict, placement.free_bytes)
    needed = fits(report, accelerator).devices_needed
    if placement.verdict == "does_not_fit" and needed:
        return tr("{verdict}; {count} of them would do", verdict=words, count=needed)
    return words


def devices_label(accelerator: Accelerator, count: int) -> str:
    """A number of accelerators, for a label."""
    return accelerator.label if count == 1 else f"{count} x {accelerator.label}"


def capacity_of(report: MemoryReport, accelerator: Accelerator) -> int:
    """What the engine fills of all devices of the report's workload."""
    workload = report.workload
    return workload.engine.budget_bytes(accelerator) * workload.num_devices


def _placement(report: MemoryReport, accelerator: Accelerator) -> Placement:
    return Placement(report, report.workload.engine.budget_bytes(accelerator))


def _on_any_context(report: AnalysisReport) -> Verdict:
    longest = report.reports[-1]
    found = verdict(longest)
    said = f"{found.sentence[0].lower()}{found.sentence[1:]}"
    sentence = tr("{tokens:,} tokens of context: {verdict}", tokens=longest.workload.seq_length, verdict=said)
    return found._replace(sentence=sentence)


def _name(accelerator: Accelerator) -> str:
    return accelerator.label


def _of(num_bytes: int, capacity_bytes: int) -> str:
    return tr("{used} of {capacity} GiB", used=_gib(num_bytes), capacity=_gib(capacity_bytes))


def _gib(num_bytes: int) -> str:
    value = num_bytes / GIB
    return f"{value:,.1f}" if value >= 1 else f"{value:.2f}"
