"""A fit report as people see it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.sentences import facts, option_sentence, verdict_sentence
from budsim_widgets.memory import rendering as memory_rendering
from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from budsim_widgets.fitting.report import FitReport


def text(report: FitReport) -> str:
    """The verdict, the limits, the options, and the parts of the memory."""
    rows = [(name, printable(value)) for name, value in facts(report)]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {value}" for name, value in rows]
    options = [f"  {option_sentence(option)}" for option in report.options]
    named = f"{printable(report.model_id)}: " if report.model_id else ""
    return "\n".join([f"{named}{verdict_sentence(report)}", *lines, *options, memory_rendering.text(report.memory)])
