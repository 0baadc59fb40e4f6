"""Tables of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.translation import tr

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from budsim_widgets.units import ByteUnit


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    caption: str,
    texts: Collection[int] = (0,),
    last_is_total: bool = False,
) -> Html:
    """A table in a frame that scrolls where the column is narrow.

    Args:
        headers: One a column; the first column names the rows.
        rows: Cells, escaped unless they are `Html`.
        caption: What the table is, for a screen reader.
        texts: Columns that are words; the others are numbers, and set to the right.
        last_is_total: Whether the last row sums up the others.
    """
    head = [tag("th", header, scope="col", class_=_side(index, texts)) for index, header in enumerate(headers)]
    cells = list(rows)
    body = [_row(row, texts, is_total=last_is_total and row is cells[-1]) for row in cells]
    made = tag(
        "table",
        tag("caption", caption, class_="budsim-unseen"),
        tag("thead", tag("tr", *head)),
        tag("tbody", *body),
        class_="budsim-table",
    )
    return tag("div", made, class_="budsim-frame")


def bytes_cell(unit: ByteUnit, num_bytes: int) -> Html:
    """A number in the unit of its column; all of it to hover over."""
    return tag("span", unit.number(num_bytes), title=tr("{count:,} bytes", count=num_bytes))


def _row(cells: Sequence[object], texts: Collection[int], *, is_total: bool) -> Html:
    name = tag("th", cells[0], scope="row", class_=_side(0, texts))
    others = [tag("td", cell, class_=_side(index, texts)) for index, cell in enumerate(cells[1:], 1)]
    return tag("tr", name, *others, class_="budsim-total" if is_total else None)


def _side(index: int, texts: Collection[int]) -> str | None:
    if index == 0:
        return None if index in texts else "budsim-number"
    return "budsim-words" if index in texts else "budsim-number"
