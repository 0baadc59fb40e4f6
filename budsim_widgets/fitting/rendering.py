"""A fit report as people see it: plain text and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.fitting.sentences import facts, option_sentence, verdict_sentence
from budsim_widgets.memory import rendering as memory_rendering
from budsim_widgets.memory.tables import html_table
from budsim_widgets.printable import html_text, printable

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


def html(report: FitReport) -> str:
    """The same as HTML; every value is escaped."""
    table = html_table((), facts(report), side="left")
    options = "".join(f"<li>{html_text(option_sentence(option))}</li>" for option in report.options)
    return (
        f'<div class="budsim-fit"><div class="budsim-verdict" style="font-weight:600">'
        f"{html_text(verdict_sentence(report))}</div>"
        f"{table}{f'<ul>{options}</ul>' if options else ''}"
        f"{memory_rendering.html(report.memory)}</div>"
    )
