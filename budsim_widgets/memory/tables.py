"""Tables as a terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def text_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in plain text, columns aligned."""
    lines = [[printable(str(cell)) for cell in row] for row in (headers, *rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(headers))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
