"""Tables: as a terminal shows them, and as data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd


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


def data_frame(
    rows: Iterable[Sequence[Any] | Mapping[str, Any]], *, columns: Sequence[str] | None = None, index: str | None = None
) -> pd.DataFrame:
    """The rows as a data frame.

    Args:
        rows: Their values, by `columns` or by name.
        columns: Names of the columns; None: those that the rows name.
        index: The column that the rows are found by; None: their number.

    Raises:
        ModuleNotFoundError: pandas isn't installed; the message says how to install it.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - only who asks for a frame loads pandas
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("A data frame needs pandas: pip install pandas", name="pandas") from error
    frame = pd.DataFrame(list(rows), columns=None if columns is None else list(columns))
    return frame if index is None else frame.set_index(index)
