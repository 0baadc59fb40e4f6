"""A language in which every sentence is marked: what stands on screen without a mark was never translated."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import ipywidgets

from budsim_widgets.engines import ENGINES
from budsim_widgets.hardware import accelerators
from budsim_widgets.training.names import METHODS, OPTIMIZERS, TOOLS
from budsim_widgets.translation import Catalogue, catalogue_of
from panel.shown import visible_widgets

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN, _CLOSE = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
_BLOCKS = {"p", "div", "li", "td", "th", "caption", "title", "text"}
_MARKED = re.compile(f"{_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE}")
_UNITS = {"GiB", "MiB", "KiB", "TiB", "GB", "MB"}
_ADDRESS = re.compile(r"https?://\S+")


def pseudo_language() -> Catalogue:
    """Chinese, but marked English."""
    chinese = catalogue_of("zh")
    marked: dict[str, str | list[str]] = {
        english: [f"{_OPEN}{one}{_CLOSE}" for one in english.split(" | ")]
        if isinstance(other, list)
        else f"{_OPEN}{english}{_CLOSE}"
        for english, other in chinese.sentences.items()
    }
    return Catalogue("zh", "marked", marked)


def names() -> Iterator[str]:
    """What is written alike in every language."""
    yield from (one.label for one in accelerators())
    yield from (one.name for one in accelerators())
    yield from (*TOOLS, *OPTIMIZERS, *METHODS)
    for engine in ENGINES.values():
        yield from (engine.name, engine.label, *engine.weight_precisions, *engine.cache_precisions)


def unmarked_in(text: str, data: Iterator[str] | tuple[str, ...] = ()) -> list[str]:
    """The words of a text that bear no mark and are no data."""
    rest = _ADDRESS.sub(" ", text)
    while _MARKED.search(rest):
        rest = _MARKED.sub(" ", rest)
    data = tuple(data)
    without_owner = (name.rpartition("/")[2] for name in data)
    for name in sorted((*names(), *data, *without_owner), key=len, reverse=True):
        rest = rest.replace(name, " ")
    return [word for word in re.findall(r"[^\W\d_]{2,}", rest) if word not in _UNITS]


def texts_of(widget: ipywidgets.Widget) -> Iterator[str]:
    """Every text of the visible parts that a person reads, hovers over, or hears."""
    for one in visible_widgets(widget):
        for name in ("description", "placeholder", "tooltip"):
            if isinstance(text := getattr(one, name, None), str):
                yield text
        yield from map(str, getattr(one, "_options_labels", ()))
        yield from getattr(one, "tooltips", None) or ()
        for chip in getattr(one, "chips", ()):
            yield from (chip["words"], chip["said"], chip["details"])
        if isinstance(one, ipywidgets.HTML):
            read = _Texts(one.value)
            yield from read.hovered
            yield "".join(read.found)


class _Texts(HTMLParser):
    """The texts and the spoken or hovered attributes of some HTML; not code, nor styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hovered: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._open.append(tag)
        self.found.append(" " if tag in _BLOCKS else "")
        self.hovered += [value for name, value in attrs if name in {"title", "aria-label"} and value]

    def handle_endtag(self, _: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.found.append(" " if {"code", "style"} & set(self._open) else data)
