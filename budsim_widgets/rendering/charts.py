"""The bar of a total, and what its colours stand for.

Inline SVG: no library, crisp at every width, in the colours of the theme. Widths are percentages, heights are pixels: a
chart shrinks to 300 px without its text shrinking along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.rendering.drawing import fills, line, rect, svg, text
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.translation import tr
from budsim_widgets.units import common_unit, format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.rendering.segments import Segment

_BAR_HEIGHT: Final = 28
_LABEL_HEIGHT: Final = 16
_TRACK: Final = "fill:var(--jp-layout-color2, #eee)"
_NAMED_PERCENT: Final = 18
"""A part that is wider has its name in it."""
_FREE_SHARE: Final = 0.15
"""Free room that is wider says how much it is."""


def total_bar(
    parts: Sequence[Segment], capacity_bytes: int, scale_bytes: int, capacity_name: str = "", of: str = ""
) -> Html:
    """The parts of a total in a row, against what an accelerator holds.

    Args:
        parts: What is drawn.
        capacity_bytes: Where the accelerator is full; 0 for none.
        scale_bytes: What the full width stands for.
        capacity_name: What is full there.
        of: What the bar is of, where there are several.
    """
    total = sum(part.num_bytes for part in parts)
    described = _described(parts, total, capacity_bytes, of)
    patterns, filled = fills(parts, described)
    top = _LABEL_HEIGHT if capacity_name else 0
    drawn, left = [patterns, _track(capacity_bytes, scale_bytes, top)], 0
    for part in parts:
        across = (left / scale_bytes, part.num_bytes / scale_bytes)
        title = f"{tr(part.name)}: {format_bytes(part.num_bytes)} ({part.num_bytes / total:.0%})"
        drawn.append(rect(filled[part.name], title, **_box(*across, top)))
        drawn.append(_name(part, *across, top, capacity_bytes / scale_bytes))
        left += part.num_bytes
    if capacity_bytes:
        drawn += _capacity(total, capacity_bytes, scale_bytes, capacity_name, top)
    return svg(_BAR_HEIGHT + top, described, *drawn)


def legend(parts: Sequence[Segment], *, with_numbers: bool = True) -> Html:
    """What each colour stands for, and how much it is; striped is what is estimated."""
    unit = common_unit([part.num_bytes for part in parts])
    items = [
        tag(
            "li",
            tag("span", class_="budsim-swatch", style=f"background:{_swatch(part)}"),
            f"{tr(part.name)} ",
            tag("strong", unit.amount(part.num_bytes), title=_bytes_text(part.num_bytes)) if with_numbers else "",
        )
        for part in parts
    ]
    if any(not part.is_exact for part in parts):
        items.append(tag("li", tr("striped: estimated"), class_="budsim-hint"))
    return tag("ul", *items, class_="budsim-legend")


def _box(left: float, width: float, top: int) -> dict[str, object]:
    return {"x": _percent(left), "width": _percent(width), "y": top + 3, "height": _BAR_HEIGHT - 6}


def _name(part: Segment, left: float, width: float, top: int, line_at: float) -> Html:
    """The name of a part that is wide enough for it, beside the line of the capacity."""
    if 100 * width < _NAMED_PERCENT:
        return Html()
    middle = left + width / 2
    at = middle if abs(middle - line_at) > _NAMED_PERCENT / 200 else left + width / 4
    return text(tr(part.name), x=_percent(at), y=top + _BAR_HEIGHT // 2 + 4, text_anchor="middle")


def _capacity(total_bytes: int, capacity_bytes: int, scale: int, name: str, top: int) -> list[Html]:
    at, used = capacity_bytes / scale, total_bytes / scale
    drawn = [line(x1=_percent(at), x2=_percent(at), y1=top and 4, y2=top + _BAR_HEIGHT)]
    if not name:
        return drawn
    label = f"{name}: {format_bytes(capacity_bytes)}"
    is_right = at > 0.5  # noqa: PLR2004 - where there is more room
    beside = _percent(at - 0.01 if is_right else at + 0.01)
    drawn.append(text(label, x=beside, y=top - 4, text_anchor="end" if is_right else None))
    if at - used > _FREE_SHARE:
        free = tr("{size} free", size=format_bytes(capacity_bytes - total_bytes))
        middle = _percent((at + used) / 2)
        drawn.append(text(free, x=middle, y=top + _BAR_HEIGHT // 2 + 4, text_anchor="middle"))
    return drawn


def _track(capacity_bytes: int, scale: int, top: int) -> Html:
    return tag("rect", x=0, y=top, width=_percent(capacity_bytes / scale), height=_BAR_HEIGHT, style=_TRACK)


def _swatch(part: Segment) -> str:
    if part.is_exact:
        return part.colour
    return f"repeating-linear-gradient(135deg, {part.colour} 0 3px, #fff 3px 4px)"


def _described(parts: Sequence[Segment], total_bytes: int, capacity_bytes: int, of: str) -> str:
    named = ", ".join(f"{tr(part.name)} {format_bytes(part.num_bytes)}" for part in parts)
    total = format_bytes(total_bytes)
    if capacity_bytes:
        total = tr("{size} of {capacity}", size=total, capacity=format_bytes(capacity_bytes))
    return f"{of}: {total}: {named}." if of else f"{total}: {named}."


def _bytes_text(num_bytes: int) -> str:
    return tr("{count:,} bytes", count=num_bytes)


def _percent(share: float) -> str:
    return f"{100 * share:.3f}%"
