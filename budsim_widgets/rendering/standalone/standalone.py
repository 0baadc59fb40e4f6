"""HTML that needs no style sheet and no theme: for where both are taken away, as in a notebook that isn't trusted.

JupyterLab, GitHub and mail programs drop `style` and `svg` elements of HTML that comes from elsewhere, and keep `style`
attributes and pictures. So the rules of the style sheet become attributes, and beside each drawing stands a picture of
it. The drawing is hidden, since of a dropped `svg` its words are left; a style sheet, where it is kept, shows the
drawing and hides the picture.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html import unescape
from html.parser import HTMLParser
from typing import Final

from budsim_widgets.rendering.markup import Html, escape, tag
from budsim_widgets.rendering.standalone.declarations import declarations, style_attribute
from budsim_widgets.rendering.standalone.rules import Element, Rule, matches, rules

_STYLE: Final = re.compile(r'\sstyle="([^"]*)"')
_SVG: Final = re.compile(r"<svg\b.*?(?:</svg>|\Z)", re.DOTALL)
_LABEL: Final = re.compile(r'\saria-label="([^"]*)"')
_HEIGHT: Final = re.compile(r'\sheight="(\d+)"')
_CONTENT: Final = re.compile(r'content:\s*"([^"]*)"')


PICTURE_CLASS: Final = "budsim-picture"
DRAWING_CLASS: Final = "budsim-drawing"


def standalone(html: Html) -> Html:
    """The same to look at, with or without style sheet, theme and `svg` elements.

    Args:
        html: HTML that the package made.

    Example:
        >>> standalone(Html('<p style="color:var(--a, #123)">x</p>'))
        '<p style="color:#123;color:var(--a, #123)">x</p>'
    """
    inliner, end = _Inliner(), 0
    for drawing in _SVG.finditer(html):
        inliner.feed(html[end : drawing.start()])
        shown_by_style = tag("div", Html(drawing[0]), class_=DRAWING_CLASS, hidden="hidden", style="display:none")
        inliner.written += [shown_by_style, _picture(drawing[0])]
        end = drawing.end()
    inliner.feed(html[end:])
    inliner.close()
    return Html("".join(inliner.written))


class _Inliner(HTMLParser):
    """Writes what it reads, with the rules of the style sheet as attributes.

    Args:
        is_themed: Whether the attributes name the variables of a theme, too.
    """

    def __init__(self, *, is_themed: bool = True) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._open: list[Element] = []
        self._is_themed = is_themed

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        """Adds what the rules say about an element."""
        classes = frozenset((dict(attributes).get("class") or "").split())
        self._open.append(Element(name, classes))
        found = [rule for rule in rules() if matches(rule, self._open)]
        declared = _declared(found, is_before=False)
        written = self.get_starttag_text() or ""
        own = _STYLE.search(written)
        if own:
            declared |= declarations(unescape(own[1]))
            written = written.replace(own[0], "", 1)
        style = style_attribute(declared, is_themed=self._is_themed)
        self.written.append(f'{written[:-1]} style="{escape(style)}">' if style else written)
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
    looks = style_attribute({key: value for key, value in style.items() if key != "content"})
    return tag("span", content[1], style=looks or None, aria_hidden="true")


def _picture(drawing: str) -> Html:
    """A drawing as a picture of the same height, as wide as there is room."""
    inliner = _Inliner(is_themed=False)
    inliner.feed(drawing)
    inliner.close()
    label, height = _LABEL.search(drawing), _HEIGHT.search(drawing)
    plain = "".join(inliner.written)
    plain = plain.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif"', 1)
    source = f"data:image/svg+xml;base64,{b64encode(plain.encode()).decode()}"
    style = f"width:100%;height:{height[1]}px" if height else "width:100%"
    made = tag("img", src=source, alt=unescape(label[1]) if label else "", style=style, class_=PICTURE_CLASS)
    return Html(made.removesuffix("</img>"))
