"""Closing a widget with all that it consists of: ipywidgets keeps every part until it is closed itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Widget

if TYPE_CHECKING:
    from collections.abc import Iterator


def parts_of(widget: Widget) -> Iterator[Widget]:
    """The widgets that a widget consists of, their layouts and styles included, innermost first."""
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)
        yield child
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, Widget):
            yield part
