"""HTML that needs no style sheet and no theme: for where both are taken away, as in a notebook that isn't trusted.

JupyterLab, GitHub and mail programs drop `style` and `svg` elements of HTML that comes from elsewhere, and keep `style`
attributes and pictures. So the rules of the style sheet become attributes, and each drawing a picture.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html import unescape
from html.parser import HTMLParser
from typing import Final

from budsim_widgets.rendering.markup import Html, escape, tag
from budsim_widgets.rendering.standalone.declarations import declarations
from budsim_widgets.rendering.standalone.rules import Element, Rule, matches, rules

_STYLE: Final = re.compile(r'\sstyle="([^"]*)"')
_SVG: Final = re.compile(r"<svg\b.*?(?:</svg>|\Z)", re.DOTALL)
_LABEL: Final = re.compile(r'\saria-label="([^"]*)"')
_HEIGHT: Final = re.compile(r'\sheight="(\d+)"')
_CONTENT: Final = re.compile(r'content:\s*"([^"]*)"')


def standalone(html: Html) -> Html:
    """The same to look at, without style sheet, theme or `svg` elements.

    Args:
        html: HTML that the package made.

    Example:
        >>> standalone(Html('<p style="color:var(--a, #123)">x</p>'))
        '<p style="color:#123">x</p>'
    """
    inliner = _Inliner()
    inliner.feed(html)
    inliner.close()
    return Html(_SVG.sub(_as_picture, "".join(inliner.written)))


class _Inliner(HTMLParser):
    """Writes what it reads, with the rules of the style sheet as attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._open: list[Element] = []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        """Adds what the rules say about an element."""
        classes = frozenset((dict(attributes).get("class") or "").split())
        self._open.append(Element(name, classes))
        found = [rule for rule in rules() if matches(rule, self._open)]
        style = _declared(found, is_before=False)
        written = self.get_starttag_text() or ""
        own = _STYLE.search(written)
        if own:
            style |= declarations(unescape(own[1]))
            written = written.replace(own[0], "", 1)
        plain = ";".join(f"{key}:{value}" for key, value in style.items() if value)
        self.written.append(f'{written[:-1]} style="{escape(plain)}">' if plain else written)
        self.written.append(_before(_declared(found, is_before=True)))

    def handle_endtag(self, name: str) -> None:
        """Closes it."""
        self._open.pop()
        self.written.append(f"</{name}>")

    def handle_data(self, data: str) -> None:
        """Text stays as it is, ..."""
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        """... named characters too, ..."""
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """... and numbered ones."""
        self.written.append(f"&#{name};")


def _declared(rules: list[Rule], *, is_before: bool) -> dict[str, str]:
    declared: dict[str, str] = {}
    for rule in rules:
        if rule.is_before == is_before:
            declared |= rule.declarations
    return declared


def _before(style: dict[str, str]) -> Html:
    """What the style sheet writes in front of an element."""
    content = _CONTENT.fullmatch(f"content:{style.get('content', '')}")
    if content is None or not content[1]:
        return Html()
    rest = ";".join(f"{key}:{value}" for key, value in style.items() if key != "content" and value)
    return tag("span", content[1], style=rest or None, aria_hidden="true")


def _as_picture(found: re.Match[str]) -> str:
    """A drawing as a picture of the same height, as wide as there is room."""
    drawing = found[0]
    label, height = _LABEL.search(drawing), _HEIGHT.search(drawing)
    drawing = drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif"', 1)
    source = f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"
    style = f"display:block;width:100%;height:{height[1]}px" if height else "display:block;width:100%"
    return tag("img", src=source, alt=unescape(label[1]) if label else "", style=style).removesuffix("</img>")
