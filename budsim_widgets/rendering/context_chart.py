"""The chart of an analysis: a column for each context length, and a line where each card is full."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.rendering.drawing import fills, line, rect, svg, text
from budsim_widgets.rendering.markup import Html, join
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
"""Pixels between two lines whose names are to be read."""

_NAME_RIM_PIXELS: Final = 6
_NAMES_PERCENT: Final = 52
"""How far the names of the lines reach, in a narrow column too."""


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
    places = [(report, 100 * (index + 0.5) / len(reports)) for index, report in enumerate(reports)]
    columns = [_column(report, middle, 72 / len(reports), scale, filled) for report, middle in places]
    shown = _spaced(near, scale)
    names = [_height(one.capacity_bytes, scale) for one in shown if one.name]
    labels = [_labels(report, middle, scale, names) for report, middle in places]
    lines = [_full_line(one, reports, scale) for one in shown]
    return svg(_PLOT_HEIGHT + 2 * _LABEL_HEIGHT, described, patterns, *columns, *lines, *labels)


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


def _labels(report: MemoryReport, middle: float, scale: int, names: Sequence[float]) -> Html:
    """The total over a column, unless the name of a line stands there; the length under it."""
    x, top = f"{middle:.2f}%", _height(report.total_bytes, scale)
    below, length = _PLOT_HEIGHT + 2 * _LABEL_HEIGHT - 4, short_count(report.workload.seq_length)
    is_covered = middle < _NAMES_PERCENT and any(abs(top - y) < _LEAST_DISTANCE for y in names)
    total = Html() if is_covered else text(_gib(report.total_bytes), x=x, y=f"{top - 4:.1f}", text_anchor="middle")
    return join(total, text(length, x=x, y=below, text_anchor="middle"))


def _full_line(one: FullAt, reports: Sequence[MemoryReport], scale: int) -> Html:
    """Where a card is full, with its name, and a mark at the length that still fits."""
    y = _height(one.capacity_bytes, scale)
    drawn = [line(x1=0, x2="100%", y1=f"{y:.1f}", y2=f"{y:.1f}")]
    if one.name:
        words = f"{one.name}: {format_bytes(one.capacity_bytes)}"
        if one.tokens:
            words = tr("{card}: full at {tokens:,} tokens", card=one.name, tokens=one.tokens)
        drawn.append(text(words, rim_pixels=_NAME_RIM_PIXELS, x=0, y=f"{y - 5:.1f}"))
    if one.tokens and (across := _across(one.tokens, reports)) is not None:
        drawn.append(text("\N{BLACK DIAMOND}", x=f"{across:.2f}%", y=f"{y + 4:.1f}", text_anchor="middle"))
    return join(*drawn)


def _spaced(lines: Iterable[FullAt], scale: int) -> list[FullAt]:
    """Those lines whose names don't run into another's."""
    found: list[FullAt] = []
    for one in lines:
        y = _height(one.capacity_bytes, scale)
        if all(abs(y - _height(other.capacity_bytes, scale)) >= _LEAST_DISTANCE for other in found):
            found.append(one)
    return found


def _across(tokens: int, reports: Sequence[MemoryReport]) -> float | None:
    """Where a length stands among the columns, in percent; None beyond them."""
    lengths = [report.workload.seq_length for report in reports]
    for index, (before, after) in enumerate(pairwise(lengths)):
        if before <= tokens <= after:
            share = log(tokens / before) / log(after / before)
            return 100 * (index + share + 0.5) / len(lengths)
    return None


def _height(num_bytes: int, scale: int) -> float:
    return _LABEL_HEIGHT + _PLOT_HEIGHT * (1 - num_bytes / scale)


def _gib(num_bytes: int) -> str:
    value = num_bytes / GIB
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004 - three digits fit over a column
