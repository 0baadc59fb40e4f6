"""Reports that are one table, as HTML: a sentence, the table, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.prose import bullets
from budsim_widgets.rendering.reports.about import verdict_html
from budsim_widgets.rendering.reports.fit_html import VERDICT_CLASSES
from budsim_widgets.rendering.tables import table

if TYPE_CHECKING:
    from budsim_widgets.memory.shown import ShownTable


def table_html(report: ShownTable) -> Html:
    """A report that is one table; columns of words are those that hold no number."""
    rows = list(report.cells())
    columns = list(zip(*rows, strict=True))
    words = [index for index, column in enumerate(columns) if not any(map(_is_number, column))]
    headers = [f"{header[:1].upper()}{header[1:]}" for header in report.headers]
    return join(
        verdict_html(report.title, "plain"),
        table(headers, [tuple(map(_cell, row)) for row in rows], caption=report.title, texts=words or (0,))
        if rows
        else "",
        bullets(report.remarks, "budsim-notes"),
    )


def _cell(text: str) -> object:
    """A verdict with its colour; anything else as it is."""
    kind = VERDICT_CLASSES.get(text.replace(" ", "_"))  # type: ignore[call-overload] # any text is asked for
    return tag("span", text, class_=f"budsim-chip budsim-chip-{kind}") if kind else text


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() or cell[:2].lstrip("-").isdigit()
