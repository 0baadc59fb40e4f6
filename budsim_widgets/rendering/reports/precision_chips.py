"""Every precision of an engine at a glance: a chip for each, with its verdict in colour, by a sign and in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.errors import BudsimError
from budsim_widgets.fitting import verdict_of_each_precision
from budsim_widgets.fitting.sentences import SHORT_WORDS, place_words
from budsim_widgets.rendering.markup import Html, heading, join, tag
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES
from budsim_widgets.translation import tr
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budsim_widgets.engines import Engine
    from budsim_widgets.fitting import PrecisionRow
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.memory import MemoryReport

_SIGNS: Final = {"fits": "\N{CHECK MARK}", "tight": "\N{ALMOST EQUAL TO}", "does_not_fit": "\N{BALLOT X}"}
_MOST_IN_ORDER: Final = 10
"""So many are taken in at a glance; of more, those that are usual stand first."""


class Chip(NamedTuple):
    """One precision as it is shown.

    Attributes:
        precision: Its name, as `precision=` takes it.
        sign: A character that tells the verdict; empty without an accelerator.
        words: The verdict; without an accelerator what it takes.
        kind: fits, tight or not, as style sheets name it; empty without an accelerator.
        said: The verdict with what stays free or lacks.
        details: The same and the size of the file, to hover over.
    """

    precision: str
    sign: str
    words: str
    kind: str
    said: str
    details: str

    def to_dict(self) -> dict[str, Any]:
        """Its fields, as JSON has them."""
        return self._asdict()


def rows_at_a_glance(report: MemoryReport, accelerator: Accelerator | None) -> tuple[PrecisionRow, ...]:
    """The precisions of a report's engine, the largest first, the usual ones before others; none where none is chosen.

    Args:
        report: What was calculated.
        accelerator: What it should fit on; None: only how much each takes is known.
    """
    # as `fit` does: some engines keep free what depends on the device
    workload = replace(report.workload, accelerator=accelerator) if accelerator else report.workload
    try:
        rows = verdict_of_each_precision(report.architecture, workload, accelerator)
    except BudsimError:  # the engine runs none but that of the report: there is nothing to choose
        return ()
    return _usual_first(rows, workload.engine) if len(rows) > 1 else ()


def chips_of(rows: Iterable[PrecisionRow]) -> tuple[Chip, ...]:
    """The chips, in the language that is spoken."""
    return tuple(map(_chip, rows))


def chosen_precision(rows: Iterable[PrecisionRow], report: MemoryReport) -> str:
    """Which of them a report has; "auto" is whichever has the same weights. Empty for none."""
    return next((row.precision for row in rows if _is_own(row, report)), "")


def question_text(rows: Sequence[PrecisionRow]) -> str:
    """What the chips answer."""
    has_verdicts = any(row.verdict for row in rows)
    return tr("Does each precision fit?") if has_verdicts else tr("Total memory by precision")


def chips_html(rows: Sequence[PrecisionRow], report: MemoryReport) -> Html:
    """The chips as a list to read; that of the report is set apart. Nothing where there is no choice."""
    if not rows:
        return Html()
    chosen = chosen_precision(rows, report)
    items = [_item(chip, is_chosen=chip.precision == chosen) for chip in chips_of(rows)]
    return join(heading(3, question_text(rows), class_="budsim-chart-title"), tag("ul", *items, class_="budsim-chips"))


def precision_chips(report: MemoryReport, accelerator: Accelerator | None) -> Html:
    """The chips of a report, computed here and now."""
    return chips_html(rows_at_a_glance(report, accelerator), report)


def _usual_first(rows: tuple[PrecisionRow, ...], engine: Engine) -> tuple[PrecisionRow, ...]:
    """The largest and those that the engine itself would save memory with, before the many others."""
    if len(rows) <= _MOST_IN_ORDER:
        return rows
    usual = {rows[0].precision, *engine.smaller_weight_precisions}
    return tuple(sorted(rows, key=lambda row: row.precision not in usual))


def _is_own(row: PrecisionRow, report: MemoryReport) -> bool:
    if report.workload.precision == "auto":
        return row.weight_bytes == report.weight_bytes
    return row.precision == report.workload.precision


def _chip(row: PrecisionRow) -> Chip:
    total, file = format_bytes(row.total_bytes), format_bytes(row.file_bytes)
    if row.verdict is None or row.free_bytes is None:
        said = tr("{total} in all", total=total)
        return Chip(row.precision, "", total, "", said, tr("{said}, file {file}", said=said, file=file))
    said = place_words(row.verdict, row.free_bytes)
    return Chip(
        precision=row.precision,
        sign=_SIGNS[row.verdict],
        words=tr(SHORT_WORDS[row.verdict]),
        kind=VERDICT_CLASSES[row.verdict],
        said=said,
        details=tr("{said}; {total} in all, file {file}", said=said, total=total, file=file),
    )


def _item(chip: Chip, *, is_chosen: bool) -> Html:
    kind = f" budsim-chip-{chip.kind}" if chip.kind else ""
    sign = tag("span", f"{chip.sign} ", class_=f"budsim-sign-{chip.kind}", aria_hidden="true") if chip.sign else ""
    name = tag("strong", chip.precision) if is_chosen else chip.precision
    chosen = " budsim-chosen" if is_chosen else ""
    mark = tag("span", f" ({tr('chosen')})", class_="budsim-unseen") if is_chosen else ""
    return tag("li", sign, name, " ", chip.words, mark, class_=f"budsim-chip{kind}{chosen}", title=chip.details)
