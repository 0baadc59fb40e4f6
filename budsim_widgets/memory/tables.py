"""Tables as a notebook shows them (HTML, every value escaped) and as a terminal does (plain text)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def html_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "") -> str:
    """A table whose first column names the row and whose other columns are numbers.

    Example:
        >>> html_table(["model", "total"], [["<b>", "1 GiB"]]).count("&lt;b&gt;")
        1
    """
    head = "".join(_cell("th", header, index, ' scope="col"') for index, header in enumerate(headers))
    body = "".join(f"<tr>{''.join(_cell('td', cell, index) for index, cell in enumerate(row))}</tr>" for row in rows)
    title = f'<caption style="text-align:left">{escape(printable(caption))}</caption>' if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


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


def _cell(tag: str, value: object, index: int, attributes: str = "") -> str:
    side = "left" if index == 0 else "right"
    return f'<{tag}{attributes} style="text-align:{side}">{escape(printable(str(value)))}</{tag}>'
