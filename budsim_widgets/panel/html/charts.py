"""Charts as inline SVG: no library, crisp at every width, in the colours of the theme.

Widths are percentages, heights are pixels: a chart shrinks to 300 px without its text shrinking along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.html.markup import Html, join, tag
from budsim_widgets.panel.html.segments import segments_of
from budsim_widgets.translation import tr
from budsim_widgets.units import GIB, format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.memory import MemoryReport

_BAR_HEIGHT: Final = 26
_PLOT_HEIGHT: Final = 180
_LABEL_HEIGHT: Final = 18
_GAP: Final = "stroke:var(--jp-layout-color1, #fff);stroke-width:1px"
_TRACK: Final = "fill:var(--jp-layout-color2, #eee)"
_LINE: Final = "stroke:var(--jp-ui-font-color1, #333);stroke-width:2px;stroke-dasharray:4 3"
# The rim keeps a number readable where the line of the capacity crosses it.
_TEXT: Final = (
    "fill:var(--jp-ui-font-color1, #333);font-size:11px;paint-order:stroke;"
    "stroke:var(--jp-layout-color0, #fff);stroke-width:3px"
)


def total_bar(report: MemoryReport, capacity_bytes: int, scale_bytes: int) -> Html:
    """A report's parts in a row, against what an accelerator holds.

    Args:
        report: What is drawn.
        capacity_bytes: Where the accelerator is full; 0 for none.
        scale_bytes: What the full width stands for.
    """
    drawn, left = [_track(capacity_bytes, scale_bytes)], 0
    for part in segments_of(report):
        title = f"{tr(part.name)}: {format_bytes(part.num_bytes)} ({part.num_bytes / report.total_bytes:.0%})"
        drawn.append(_segment(left, part.num_bytes, scale_bytes, part.colour, title))
        left += part.num_bytes
    if capacity_bytes:
        at = _percent(capacity_bytes, scale_bytes)
        drawn.append(tag("line", x1=at, x2=at, y1=0, y2=_BAR_HEIGHT, style=_LINE))
    return _svg(_BAR_HEIGHT, _described(report, capacity_bytes), *drawn)


def context_chart(reports: Sequence[MemoryReport], capacity_bytes: int) -> Html:
    """A column for each context length, and a line where the accelerator is full, if that is near."""
    largest = max(report.total_bytes for report in reports)
    is_near = 0 < capacity_bytes <= 2 * largest
    scale = max(largest, capacity_bytes if is_near else 0)
    places = [(report, 100 * (index + 0.5) / len(reports)) for index, report in enumerate(reports)]
    columns = [_column(report, middle, 72 / len(reports), scale) for report, middle in places]
    labels = [_labels(report, middle, scale) for report, middle in places]
    line = _capacity_line(capacity_bytes, scale) if is_near else Html()
    said = "; ".join(
        tr("{tokens:,} tokens {size}", tokens=report.workload.seq_length, size=format_bytes(report.total_bytes))
        for report in reports
    )
    described = tr("Total memory by context length: {numbers}.", numbers=said)
    return _svg(_PLOT_HEIGHT + 2 * _LABEL_HEIGHT, described, *columns, line, *labels)


def legend(report: MemoryReport, *, with_numbers: bool = True) -> Html:
    """What each colour stands for, and how much it is."""
    items = [
        tag(
            "li",
            tag("span", class_="budsim-swatch", style=f"background:{part.colour}"),
            f"{tr(part.name)} ",
            tag("strong", format_bytes(part.num_bytes)) if with_numbers else "",
        )
        for part in segments_of(report)
    ]
    return tag("ul", *items, class_="budsim-legend")


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


def _column(report: MemoryReport, middle: float, width: float, scale: int) -> Html:
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
        drawn.append(_rect(part.colour, title, **across, y=f"{top:.1f}", height=f"{height:.1f}"))
    return join(*drawn)


def _labels(report: MemoryReport, middle: float, scale: int) -> Html:
    """The total over a column, the length under it."""
    top = _LABEL_HEIGHT + _PLOT_HEIGHT * (1 - report.total_bytes / scale)
    at = {"x": f"{middle:.2f}%", "text_anchor": "middle", "style": _TEXT}
    total = tag("text", _gib(report.total_bytes), y=f"{top - 4:.1f}", **at)
    below = _PLOT_HEIGHT + 2 * _LABEL_HEIGHT - 4
    return join(total, tag("text", short_count(report.workload.seq_length), y=below, **at))


def _capacity_line(capacity_bytes: int, scale: int) -> Html:
    y = f"{_LABEL_HEIGHT + _PLOT_HEIGHT * (1 - capacity_bytes / scale):.1f}"
    return tag(
        "line",
        tag("title", tr("Full at {size}", size=format_bytes(capacity_bytes))),
        x1=0,
        x2="100%",
        y1=y,
        y2=y,
        style=_LINE,
    )


def _track(capacity_bytes: int, scale: int) -> Html:
    return tag("rect", x=0, y=0, width=_percent(capacity_bytes, scale), height=_BAR_HEIGHT, style=_TRACK)


def _segment(left: int, num_bytes: int, scale: int, colour: str, title: str) -> Html:
    across = {"x": _percent(left, scale), "width": _percent(num_bytes, scale)}
    return _rect(colour, title, **across, y=3, height=_BAR_HEIGHT - 6)


def _rect(colour: str, title: str, **box: object) -> Html:
    return tag("rect", tag("title", title), **box, style=f"fill:{colour};{_GAP}")


def _svg(height: int, description: str, *children: Html) -> Html:
    style = "display:block;width:100%;overflow:visible"
    return tag("svg", *children, role="img", aria_label=description, width="100%", height=height, style=style)


def _described(report: MemoryReport, capacity_bytes: int) -> str:
    parts = ", ".join(f"{tr(part.name)} {format_bytes(part.num_bytes)}" for part in segments_of(report))
    total = format_bytes(report.total_bytes)
    if capacity_bytes:
        total = tr("{size} of {capacity}", size=total, capacity=format_bytes(capacity_bytes))
    return f"{total}: {parts}."


def _percent(num_bytes: int, scale: int) -> str:
    return f"{100 * num_bytes / scale:.3f}%"


def _gib(num_bytes: int) -> str:
    value = num_bytes / GIB
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004 - three digits fit over a column
