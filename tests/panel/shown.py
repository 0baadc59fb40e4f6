"""What a panel shows, read as a person or a browser would."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import ipywidgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def visible_widgets(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """A widget and those inside it, but for what is hidden."""
    if widget.layout.display == "none":
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from visible_widgets(child)


def html_of(widget: ipywidgets.Widget) -> str:
    """All HTML that is visible."""
    return "".join(one.value for one in visible_widgets(widget) if isinstance(one, ipywidgets.HTML))


def text_of(widget: ipywidgets.Widget) -> str:
    """All text that is visible, on one line."""
    return plain(html_of(widget))


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def until(is_true: Callable[[], bool]) -> None:
    """Returns when something has come true; a test that waits for ever is stopped by nobody, so a minute is it."""
    for _ in range(6000):
        if is_true():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


class Elements(HTMLParser):
    """The elements of some HTML, as a browser finds them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.found}

    def with_role(self, role: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.found if attributes.get("role") == role]


def assert_harmless(html: str) -> None:
    """No element that runs code, no handler, no address but of the web, all elements closed."""
    elements = Elements(html)
    assert not elements.open
    assert not elements.names & {"script", "img", "iframe", "object", "embed", "form", "input", "b", "details", "video"}
    for _, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "https://").startswith(("https://", "http://"))


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><iframe srcdoc='<script>alert(1)</script>'>",
    "' onmouseover='alert(1)",
    "</strong></div><details open ontoggle=alert(1)>",
    "javascript:alert(1)",
    "{0.__class__}",
    "%s%n",
    "`<b>`",
    "a\u202egpj.exe",
    "\ud800",
    "\0",
)
