"""A training report as people see it in a terminal, and as a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.memory.tables import data_frame, text_table
from budsim_widgets.printable import printable
from budsim_widgets.training.sentences import (
    MOMENT_WORDS,
    facts,
    option_sentence,
    subtitle,
    title,
    verdict_sentence,
)
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    import pandas as pd

    from budsim_widgets.training.report import TrainingReport
    from budsim_widgets.training.report_parts import TrainingMoment

_PARTS: Final = ("weights", "gradients", "optimizer", "activations", "loss", "overhead")
HEADERS: Final = ("moment", "total", *_PARTS)


def text(report: TrainingReport) -> str:
    """The total, the verdict, the moments of a step as a table, the limits, the options and the notes."""
    lines = [verdict_sentence(report), printable(title(report)), f"  {subtitle(report)}"]
    lines.append(text_table(HEADERS, rows(report)))
    lines += [f"  {name}: {value}" for name, value in facts(report)]
    lines += [f"  {option_sentence(option)}" for option in report.options]
    lines += [f"  {note}" for note in report.notes]
    return "\n".join(filter(None, lines))


def frame(report: TrainingReport) -> pd.DataFrame:
    """The moments as a data frame, indexed by their names.

    Raises:
        ModuleNotFoundError: pandas isn't installed; the message says how to install it.
    """
    return data_frame((moment.to_dict() for moment in report.moments), index="name")


def rows(report: TrainingReport) -> list[tuple[str, ...]]:
    """The moments as cells, by `HEADERS`."""
    return [_row(moment, is_peak=moment is report.peak) for moment in report.moments]


def _row(moment: TrainingMoment, *, is_peak: bool) -> tuple[str, ...]:
    parts = (
        moment.weight_bytes,
        moment.gradient_bytes,
        moment.optimizer_bytes,
        moment.activation_bytes,
        moment.loss_bytes,
        moment.overhead_bytes,
    )
    name = f"{MOMENT_WORDS[moment.name]}{' (peak)' if is_peak else ''}"
    return name, format_bytes(moment.total_bytes), *map(format_bytes, parts)
