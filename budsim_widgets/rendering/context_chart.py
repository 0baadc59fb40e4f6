"""The chart of an analysis: a column for each context length, and a line where each card is full."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.rendering.drawing import fills, line, rect, svg, text
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.segments import all_parts, segments_of
from budsim_widgets.translation import tr
from budsim_widgets.units import GIB, format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budsim_widgets.memory import MemoryReport

_PLOT_HEIGHT: Final = 180
_LABEL_HEIGHT: Final = 18
_NEAR: Final = 1.25
"""How far beyond the highest column a line still belongs to the picture."""
_LEAST_DISTANCE: Final = 14
"""Pixels between two lines whose numbers are to be read."""
_NUMBERS_PERCENT: Final = 5
"""Beside the columns, where the lines have their numbers; a name would cover the columns of a narrow chart."""
_TEXT_PIXELS: Final = 11
_GAP_PIXELS: Final = 6
"""Between a line, with its mark, and a number over a column."""
_MARK: Final = "\N{BLACK DIAMOND}"
_FIRST_NUMBER: Final = ord("\N{CIRCLED DIGIT ONE}")


class FullAt(NamedTuple):
    """Where a card is full.

    Attributes:
        name: The card.
        capacity_bytes: What it holds.
        tokens: The longest context that fits; None: beyond the chart, or not known.
    """

    name: str
    capacity_bytes: int
    tokens: int | None = None


def context_chart(reports: Sequence[MemoryReport], capacity_bytes: int, full_at: Sequence[FullAt] = ()) -> Html:
    """A column for each context length.

    Args:
        reports: One a length, the shortest first.
        capacity_bytes: What the chosen accelerator holds; 0: none is chosen.
        full_at: The lines, with their names; without any, the chosen accelerator's line has none.
    """
    largest = max(report.total_bytes for report in reports)
    chosen = full_at or ([FullAt("", capacity_bytes)] if capacity_bytes else [])
    near = [one for one in chosen if 0 < one.capacity_bytes <= _NEAR * largest]
    scale = max([largest, *(one.capacity_bytes for one in near)])
    said = "; ".join(
        tr("{tokens:,} tokens {size}", tokens=report.workload.seq_length, size=format_bytes(report.total_bytes))
        for report in reports
    )
    described = tr("Total memory by context length: {numbers}.", numbers=said)
    patterns, filled = fills(all_parts(map(segments_of, reports)), described)
    shown = _spaced(near, scale)
    left = _NUMBERS_PERCENT if any(one.name for one in shown) else 0
    places = [(report, _percent((index + 0.5) / len(reports), left)) for index, report in enumerate(reports)]
    columns = [_column(report, middle, 0.72 * (100 - left) / len(reports), scale, filled) for report, middle in places]
    heights = [_height(one.capacity_bytes, scale) for one in shown]
    labels = [_labels(report, middle, scale, heights) for report, middle in places]
    lines = [_full_line(one, chr(_FIRST_NUMBER + at), reports, scale, left) for at, one in enumerate(shown)]
    drawn = svg(_PLOT_HEIGHT + 2 * _LABEL_HEIGHT, described, patterns, *columns, *lines, *labels)
    return join(drawn, _names(shown))


def short_count(tokens: int) -> str:
    """A context length as people say it.

    Example:
        >>> short_count(131072), short_count(1000), short_count(2_097_152)
        ('128K', '1,000', '2M')
    """
    for unit, size in (("M", 1 << 20), ("K", 1 << 10)):
        if tokens >= size and tokens % size == 0:
            return f"{tokens // size}{unit}"
    return f"{tokens:,}"


def _column(report: MemoryReport, middle: float, width: float, scale: int, filled: dict[str, str]) -> Html:
    drawn, top = [], float(_LABEL_HEIGHT + _PLOT_HEIGHT)
    for part in segments_of(report):
        height = _PLOT_HEIGHT * part.num_bytes / scale
        top -= height
        title = tr(
            "{part} at {tokens:,} tokens: {size}",
            part=tr(part.name),
            tokens=report.workload.seq_length,
            size=format_bytes(part.num_bytes),
        )
        across = {"x": f"{middle - width / 2:.2f}%", "width": f"{width:.2f}%"}
        drawn.append(rect(filled[part.name], title, **across, y=f"{top:.1f}", height=f"{height:.1f}"))
    return join(*drawn)


def _labels(report: MemoryReport, middle: float, scale: int, lines: Sequence[float]) -> Html:
    """The total over a column, above a line that would cross it; the length under it."""
    x, y = f"{middle:.2f}%", _height(report.total_bytes, scale) - 4
    for height in sorted(lines, reverse=True):
        if y - _TEXT_PIXELS < height < y + _GAP_PIXELS:
            y = height - _GAP_PIXELS
    below, length = _PLOT_HEIGHT + 2 * _LABEL_HEIGHT - 4, short_count(report.workload.seq_length)
    total = text(_gib(report.total_bytes), x=x, y=f"{y:.1f}", text_anchor="middle")
    return join(total, text(length, x=x, y=below, text_anchor="middle"))


def _full_line(one: FullAt, number: str, reports: Sequence[MemoryReport], scale: int, left: float) -> Html:
    """Where a card is full, with its number beside the columns, and a mark at the length that still fits."""
    y = _height(one.capacity_bytes, scale)
    drawn = [line(x1=f"{left}%", x2="100%", y1=f"{y:.1f}", y2=f"{y:.1f}")]
    if one.name:
        drawn.append(text(number, x=0, y=f"{y + 4:.1f}"))
    if one.tokens and (share := _across(one.tokens, reports)) is not None:
        drawn.append(text(_MARK, x=f"{_percent(share, left):.2f}%", y=f"{y + 4:.1f}", text_anchor="middle"))
    return join(*drawn)


def _names(lines: Sequence[FullAt]) -> Html:
    """What the numbers of the lines stand for, and where each is crossed; nothing for lines without names."""
    items = [tag("li", f"{chr(_FIRST_NUMBER + at)} {_name(one)}") for at, one in enumerate(lines) if one.name]
    return tag("ul", *items, class_="budsim-legend") if items else Html()


def _name(one: FullAt) -> str:
    if one.tokens:
        return tr("{card}: full at {tokens:,} tokens", card=one.name, tokens=one.tokens)
    return f"{one.name}: {format_bytes(one.capacity_bytes)}"


def _spaced(lines: Iterable[FullAt], scale: int) -> list[FullAt]:
    """Those lines whose names don't run into another's."""
    found: list[FullAt] = []
    for one in lines:
        y = _height(one.capacity_bytes, scale)
        if all(abs(y - _height(other.capacity_bytes, scale)) >= _LEAST_DISTANCE for other in found):
            found.append(one)
    return found


def _across(tokens: int, reports: Sequence[MemoryReport]) -> float | None:
    """Where a length stands among the columns, as a share of their width; None beyond them."""
    lengths = [report.workload.seq_length for report in reports]
    for index, (before, after) in enumerate(pairwise(lengths)):
        if before <= tokens <= after:
            share = log(tokens / before) / log(after / before)
            return (index + share + 0.5) / len(lengths)
    return None


def _percent(share: float, left: float) -> float:
    """Where a share of the columns' width lies in the chart."""
    return left + (100 - left) * share


def _height(num_bytes: int, scale: int) -> float:
    return _LABEL_HEIGHT + _PLOT_HEIGHT * (1 - num_bytes / scale)


def _gib(num_bytes: int) -> str:
    value = num_bytes / GIB
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004 - three digits fit over a column
