"""The sentence that a result begins with: does it fit?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.fitting import fits
from budsim_widgets.fitting.demand import DEVICE_COUNTS, demand_of
from budsim_widgets.fitting.limits import longest_sure_context
from budsim_widgets.fitting.placement import Placement
from budsim_widgets.fitting.recommendations import smallest_place
from budsim_widgets.fitting.sentences import devices_text, place_words
from budsim_widgets.translation import tr, tr_count
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from budsim_widgets.engines import Workload
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import AnalysisReport, ComparisonReport, MemoryReport

_MOST: Final = DEVICE_COUNTS[-1]
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


class Verdict(NamedTuple):
    """Whether it fits.

    Attributes:
        sentence: For a person.
        kind: How it looks: fits, tight, not, or plain where that isn't the question.
        capacity_bytes: What the accelerators of the sentence hold; 0 where it names none.
    """

    sentence: str
    kind: str
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
        return Verdict(sentence, "not", 0)
    name, capacity = _name(place.accelerator), place.count * place.accelerator.usable_bytes
    used = _of(report.total_bytes, capacity)
    if place.count == 1:
        return Verdict(
            tr("Fits on one {accelerator}: {used}", accelerator=name, used=used), kind="fits", capacity_bytes=capacity
        )
    sentence = tr(
        "Does not fit on one accelerator, needs {count} {times} {accelerator}: {used}",
        count=place.count,
        times=_TIMES,
        accelerator=name,
        used=used,
    )
    return Verdict(sentence, "not", capacity)


def context_verdict(report: AnalysisReport, accelerator: Accelerator | None, full_at: int | None = None) -> Verdict:
    """Up to which context a model fits, as `fit` says it of each length: by the end of the estimate that decides.

    Args:
        report: The analysis.
        accelerator: On what; None: on the smallest for the longest length.
        full_at: The context at which it is full by the estimate; None: it isn't, at none of these lengths.
    """
    if accelerator is None:
        return _on_any_context(report)
    shortest, longest = report.reports[0], report.reports[-1]
    devices, capacity = _devices(accelerator, longest.workload), capacity_of(longest, accelerator)
    verdicts = [_placement(one, accelerator).verdict for one in report.reports]
    if set(verdicts) == {"fits"}:
        used = _of(longest.total_bytes, capacity)
        sentence = tr("All these lengths fit on {devices}: up to {used}", devices=devices, used=used)
        return Verdict(sentence, "fits", capacity)
    length = longest_sure_context(longest.architecture, longest.workload, accelerator)
    if length:
        return Verdict(_up_to(devices, length, full_at, is_tight="tight" in verdicts), "fits", capacity)
    said = {
        "devices": devices,
        "tokens": shortest.workload.seq_length,
        "used": _of(shortest.total_bytes, capacity),
    }
    if verdicts[0] == "tight":
        return Verdict(tr("Tight on {devices}: {tokens:,} tokens take about {used}", **said), "tight", capacity)
    return Verdict(tr("Does not fit on {devices}: {tokens:,} tokens take {used}", **said), "not", capacity)


def comparison_verdict(report: ComparisonReport, accelerator: Accelerator | None) -> Verdict:
    """How many of several models fit, or, for no accelerator, which takes least."""
    done = [(row.model_id, row.report) for row in report.rows if row.report is not None]
    if not done:
        return Verdict(tr("None of these models could be calculated"), "plain", 0)
    if accelerator is None:
        name, least = min(done, key=lambda one: one[1].total_bytes)
        sentence = tr("{model} takes the least memory: {total} GiB", model=name, total=_gib(least.total_bytes))
        return Verdict(sentence, "plain", 0)
    verdicts = Counter(_placement(one, accelerator).verdict for _, one in done)
    sentence = tr_count(
        "{count} of {all} fits on {devices}",
        "{count} of {all} fit on {devices}",
        verdicts["fits"],
        all=len(done),
        devices=_devices(accelerator, report.workload),
    )
    if verdicts["tight"]:
        sentence = tr("{sentence}, {count} tight", sentence=sentence, count=verdicts["tight"])
    return Verdict(sentence, "plain", accelerator.usable_bytes)


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


def _up_to(devices: str, tokens: int, full_at: int | None, *, is_tight: bool) -> str:
    """Up to which context it fits, and where it is full by the estimate."""
    said = {"devices": devices, "tokens": tokens}
    if full_at and full_at > tokens:
        return tr(
            "Fits on {devices} up to {tokens:,} tokens of context, tight beyond, full at about {full_at:,}",
            **said,
            full_at=full_at,
        )
    if is_tight:
        return tr("Fits on {devices} up to {tokens:,} tokens of context, tight beyond", **said)
    return tr("Fits on {devices} up to {tokens:,} tokens of context", **said)


def _devices(accelerator: Accelerator, workload: Workload) -> str:
    return devices_text(accelerator.label, workload.num_devices)


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
