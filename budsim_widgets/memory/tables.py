"""Tables as a notebook shows them (HTML, every value escaped) and as a terminal does (plain text)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from budsim_widgets.printable import html_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Side: TypeAlias = Literal["left", "right"]


def html_table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "", side: Side = "right"
) -> str:
    """A table whose first column names the row.

    Args:
        headers: Names of the columns; none: no row of them.
        rows: The cells; every value is escaped.
        caption: What stands above.
        side: On which side the other columns stand: numbers on the right, texts on the left.

    Example:
        >>> html_table(["model", "total"], [["<b>", "1 GiB"]]).count("&lt;b&gt;")
        1
    """
    head = "".join(_cell("th", header, index, side, ' scope="col"') for index, header in enumerate(headers))
    body = "".join(f"<tr>{_row(row, side)}</tr>" for row in rows)
    title = f'<caption style="text-align:left">{html_text(caption)}</caption>' if caption else ""
    return f"<table>{title}{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def text_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The same in plain text, columns aligned."""
    lines = [[printable(str(cell)) for cell in row] for row in (headers, *rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(headers))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _row(cells: Sequence[object], side: Side) -> str:
    name, *values = cells
    others = "".join(_cell("td", value, index, side) for index, value in enumerate(values, start=1))
    return _cell("th", name, 0, side, ' scope="row"') + others


def _cell(tag: str, value: object, index: int, side: Side, attributes: str = "") -> str:
    weight = ";font-weight:normal" if "row" in attributes else ""
    return f'<{tag}{attributes} style="text-align:{side if index else "left"}{weight}">{html_text(value)}</{tag}>'
