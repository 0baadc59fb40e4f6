"""What the charts are drawn with: rectangles, lines and texts of an SVG element that is as wide as its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from budsim_widgets.rendering.markup import Html, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.rendering.segments import Segment

_GAP: Final = "stroke:var(--jp-layout-color1, #fff);stroke-width:1px"
_STRIPE: Final = "stroke:#fff;stroke-width:2px;stroke-opacity:0.55"
_LINE: Final = "stroke:var(--jp-ui-font-color1, #333);stroke-width:2px;stroke-dasharray:4 3"
# The rim keeps a text readable on a colour, and where a line crosses it.
_TEXT: Final = (
    "fill:var(--jp-ui-font-color1, #333);font-size:11px;paint-order:stroke;"
    "stroke:var(--budsim-rim, var(--jp-layout-color0, #fff));stroke-linejoin:round"
)
_RIM_PIXELS: Final = 3
_STRIPES_PIXELS: Final = 7


def svg(height: int, description: str, *children: Html) -> Html:
    """A picture; a screen reader says the description."""
    style = "display:block;width:100%;overflow:visible"
    return tag("svg", *children, role="img", aria_label=description, width="100%", height=height, style=style)


def rect(colour: str, title: str, **box: object) -> Html:
    """A rectangle with a text to hover over."""
    return tag("rect", tag("title", title), **box, style=f"fill:{colour};{_GAP}")


def line(**ends: object) -> Html:
    """A dashed line."""
    return tag("line", **ends, style=_LINE)


def text(words: str, **place: object) -> Html:
    """A text that is legible on every colour."""
    return tag("text", words, **place, style=f"{_TEXT};stroke-width:{_RIM_PIXELS}px")


def fills(segments: Iterable[Segment], of: str) -> tuple[Html, dict[str, str]]:
    """What the parts are filled with: their colour, striped for an estimate, so that colour alone tells nothing.

    Args:
        segments: The parts.
        of: A text that no other picture on the page has; patterns are found by a name.

    Returns:
        The definitions that the picture needs, and the fill of each part by its name.
    """
    defined, found = [], {}
    for number, segment in enumerate(segments):
        found[segment.name] = segment.colour
        if not segment.is_exact:
            key = f"budsim-{crc32(of.encode()):08x}-{number}"
            defined.append(_stripes(key, segment.colour))
            found[segment.name] = f"url(#{key})"
    return tag("defs", *defined) if defined else Html(), found


def _stripes(key: str, colour: str) -> Html:
    size = _STRIPES_PIXELS
    area = tag("path", d=f"M0 0H{size}V{size}H0Z", style=f"fill:{colour}")
    stripe = tag("path", d=f"M0 {size}L{size} 0", style=_STRIPE)
    return tag("pattern", join(area, stripe), id=key, width=size, height=size, patternUnits="userSpaceOnUse")
