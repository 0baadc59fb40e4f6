"""Bars that are drawn side by side against one capacity: of models, of moments, of lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.rendering.charts import legend, total_bar
from budsim_widgets.rendering.markup import Html, join, tag
from budsim_widgets.rendering.model_names import name_html
from budsim_widgets.rendering.segments import all_parts
from budsim_widgets.units import common_unit

if TYPE_CHECKING:
    from budsim_widgets.rendering.segments import Segment


class Bar(NamedTuple):
    """One total.

    Attributes:
        name: What it is of.
        parts: What it consists of.
        mark: What sets it apart from the others, such as "least".
        short: What is seen of a long name; empty for all of it.
    """

    name: str
    parts: tuple[Segment, ...]
    mark: str = ""
    short: str = ""

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return sum(part.num_bytes for part in self.parts)


class Bars(NamedTuple):
    """Some totals, and where an accelerator is full.

    Attributes:
        bars: The totals.
        capacity_bytes: Where it is full; 0 for none.
        capacity_name: What is full there.
    """

    bars: tuple[Bar, ...]
    capacity_bytes: int = 0
    capacity_name: str = ""

    @property
    def scale_bytes(self) -> int:
        """What the full width stands for."""
        return max(self.capacity_bytes, *(bar.total_bytes for bar in self.bars), 1)

    @property
    def parts(self) -> tuple[Segment, ...]:
        """What a legend names."""
        return all_parts(bar.parts for bar in self.bars)


def bars_html(drawn: Bars) -> Html:
    """A row for each bar, with its name and its total above; one legend below; nothing for no bar."""
    if not drawn.bars:
        return Html()
    unit = common_unit(bar.total_bytes for bar in drawn.bars)
    rows = [_row(bar, unit.amount(bar.total_bytes), drawn, is_first=index == 0) for index, bar in enumerate(drawn.bars)]
    return join(tag("div", *rows, class_="budsim-bars"), legend(drawn.parts, with_numbers=False))


def _row(bar: Bar, total: str, drawn: Bars, *, is_first: bool) -> Html:
    mark = tag("span", bar.mark, class_="budsim-badge") if bar.mark else ""
    label = tag(
        "div",
        tag("span", name_html(bar.name, bar.short) if bar.short else bar.name, " ", mark),
        tag("strong", total),
        class_="budsim-row",
    )
    # the line has its name once
    name = drawn.capacity_name if is_first else ""
    picture = total_bar(bar.parts, drawn.capacity_bytes, drawn.scale_bytes, name, of=bar.name)
    return tag("div", label, picture, class_="budsim-bar")
