"""A result as an SVG document, which needs no notebook: its first sentence, the bars, and a legend."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from budsim_widgets.printable import printable
from budsim_widgets.rendering.drawing import fills
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.rendering.reports.headlines import headline_of
from budsim_widgets.rendering.reports.report_bars import bars_of
from budsim_widgets.translation import tr
from budsim_widgets.units import common_unit, format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from budsim_widgets.fitting import FitReport
    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.rendering.bars import Bars
    from budsim_widgets.rendering.reports.kinds import Report
    from budsim_widgets.rendering.segments import Segment

_SVG: Final = "http://www.w3.org/2000/svg"
_WIDTH: Final = 640
_MARGIN: Final = 16
_BAR_PIXELS: Final = 24
_LINE_PIXELS: Final = 20
_CHARACTERS: Final = 84
"""How many fit into a line."""
_CHARACTER_PIXELS: Final = 7.5
_FONT: Final = "font-family:system-ui,sans-serif;font-size:13px;fill:#222"


def as_svg(report: Report, accelerator: Accelerator | None = None, fit: FitReport | None = None) -> str:
    """A report of any kind as an SVG document; empty where nothing in it was calculated.

    Args:
        report: The report.
        accelerator: What it should fit on; None: the smallest that does.
        fit: What of a calculated model fits there.
    """
    drawn = bars_of(report, accelerator, fit)
    if not drawn.bars:
        return ""
    page = _Page()
    headline = headline_of(report, accelerator, fit)
    page.write(headline.name, "font-weight:600")
    page.write(headline.sentence)
    page.write(headline.workload, "fill:#555")
    page.draw(drawn)
    return page.text()


class _Page:
    """Lines and bars, from the top to the bottom."""

    def __init__(self) -> None:
        self._drawn: list[Html] = []
        self._y: float = 8

    def write(self, words: str, style: str = "") -> None:
        """A sentence, in as many lines as it takes."""
        for line in wrap(printable(words), _CHARACTERS):
            self._y += _LINE_PIXELS
            self._drawn.append(_text(_MARGIN, self._y, line, style))

    def draw(self, drawn: Bars) -> None:
        """The bars, each with its name where there are several, and a line at the capacity."""
        parts = drawn.parts
        patterns, filled = fills([part._replace(colour=part.plain_colour) for part in parts], drawn.bars[0].name)
        self._drawn.append(patterns)
        unit = common_unit(bar.total_bytes for bar in drawn.bars)
        if drawn.capacity_bytes:
            self._y += _LINE_PIXELS
            self._drawn.append(_capacity_label(drawn, self._y))
        for bar in drawn.bars:
            if len(drawn.bars) > 1:
                self._y += _LINE_PIXELS
                name = f"{bar.name} ({bar.mark})" if bar.mark else bar.name
                self._drawn.append(_text(_MARGIN, self._y, name))
                self._drawn.append(_text(_WIDTH - _MARGIN, self._y, unit.amount(bar.total_bytes), _AT_END))
            self._y += 6
            self._drawn += _bar(bar.parts, drawn.scale_bytes, self._y, filled)
            if drawn.capacity_bytes:
                self._drawn.append(_line(_x(drawn.capacity_bytes, drawn.scale_bytes), self._y - 3))
            self._y += _BAR_PIXELS
        self._legend(parts, filled, with_numbers=len(drawn.bars) == 1)

    def _legend(self, parts: Sequence[Segment], filled: dict[str, str], *, with_numbers: bool) -> None:
        left, unit = float(_MARGIN), common_unit(part.num_bytes for part in parts)
        self._y += _LINE_PIXELS + 8
        for part in parts:
            words = f"{tr(part.name)} {unit.amount(part.num_bytes)}" if with_numbers else tr(part.name)
            width = 34 + _CHARACTER_PIXELS * _columns(words)
            if left + width > _WIDTH:
                left, self._y = _MARGIN, self._y + _LINE_PIXELS
            self._drawn.append(_rect(left, self._y - 10, 10, 10, filled[part.name]))
            self._drawn.append(_text(left + 16, self._y, words))
            left += width
        if any(not part.is_exact for part in parts):
            self.write(tr("striped: estimated"), "fill:#555")

    def text(self) -> str:
        """The document."""
        height = self._y + _MARGIN
        background = tag("rect", width=_WIDTH, height=height, fill="#fff")
        return str(tag("svg", background, *self._drawn, xmlns=_SVG, width=_WIDTH, height=height))


_AT_END: Final = "font-weight:600;text-anchor:end"


def _bar(parts: Iterable[Segment], scale: int, y: float, filled: dict[str, str]) -> Iterator[Html]:
    left = 0
    for part in parts:
        x = _x(left, scale)
        left += part.num_bytes
        yield _rect(x, y, _x(left, scale) - x, _BAR_PIXELS, filled[part.name])


def _capacity_label(drawn: Bars, y: float) -> Html:
    words = f"{drawn.capacity_name}: {format_bytes(drawn.capacity_bytes)}"
    at = _x(drawn.capacity_bytes, drawn.scale_bytes)
    is_right = at > _WIDTH / 2
    return _text(at, y, words, "fill:#555;text-anchor:end" if is_right else "fill:#555")


def _line(x: float, top: float) -> Html:
    bottom = top + _BAR_PIXELS + 6
    style = "stroke:#333;stroke-width:2;stroke-dasharray:4 3"
    return tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=f"{top:.1f}", y2=f"{bottom:.1f}", style=style)


def _x(num_bytes: int, scale: int) -> float:
    return _MARGIN + (_WIDTH - 2 * _MARGIN) * num_bytes / scale


def _rect(x: float, y: float, width: float, height: float, fill: str) -> Html:
    box = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    return tag("rect", **box, style=f"fill:{fill}")


def _text(x: float, y: float, words: str, style: str = "") -> Html:
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", style=f"{_FONT};{style}")


def _columns(words: str) -> int:
    """How many columns a text takes: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in words)  # noqa: PLR2004 - where East Asian letters begin
