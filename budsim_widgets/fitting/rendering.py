"""A fit report as people see it: plain text and HTML."""

from __future__ import annotations

from html import escape
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


def html(report: FitReport) -> str:
    """The same as HTML; every value is escaped."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:400">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(printable(value))}</td></tr>'
        for name, value in facts(report)
    )
    options = "".join(f"<li>{escape(option_sentence(option))}</li>" for option in report.options)
    return (
        f'<div class="budsim-fit"><div class="budsim-verdict" style="font-weight:600">'
        f"{escape(verdict_sentence(report))}</div>"
        f"<table><tbody>{rows}</tbody></table>{f'<ul>{options}</ul>' if options else ''}"
        f"{memory_rendering.html(report.memory)}</div>"
    )
