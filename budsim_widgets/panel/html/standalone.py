"""HTML that needs no style sheet and no theme: for where both are taken away, as in a notebook that isn't trusted.

JupyterLab, GitHub and mail programs drop `style` and `svg` elements of HTML that comes from elsewhere, and keep `style`
attributes and pictures. So the rules of the style sheet become attributes, and each drawing a picture.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.panel.html.markup import Html, escape, tag
from budsim_widgets.panel.html.styles import style_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_DECLARATION: Final = re.compile(r'(?:[^;("]|"[^"]*(?:"|\Z)|\([^)]*(?:\)|\Z))+')
_COMPOUND: Final = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)*)(::before)?")
_STYLE: Final = re.compile(r'\sstyle="([^"]*)"')
_SVG: Final = re.compile(r"<svg\b.*?(?:</svg>|\Z)", re.DOTALL)
_LABEL: Final = re.compile(r'\saria-label="([^"]*)"')
_HEIGHT: Final = re.compile(r'\sheight="(\d+)"')
_FONT_COLOUR: Final = re.compile(r"var\(\s*--jp-ui-font-color\d\b[^()]*(?:\([^()]*\)[^()]*)*\)")
_VARIABLE: Final = re.compile(r"var\(\s*--[\w-]+\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_SURFACE: Final = re.compile(r"var\(\s*--jp-(?:border-color[0-2]|layout-color2)\b[^()]*(?:\([^()]*\)[^()]*)*\)")
_MIXED: Final = re.compile(r"color-mix\(in srgb, (#\w+) \d+%, [^()]*\)")
_CONTENT: Final = re.compile(r'content:\s*"([^"]*)"')
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}\b")
_RIMMED: Final = {"fill": "#333", "stroke": "#fff"}
"""Letters with a rim, on bars of any colour and on any page."""
_GREY: Final = "#767676"
"""Legible on white (4.5 : 1) as on a dark page (4.6 : 1): a picture doesn't know what it stands on."""
_FAINT: Final = "rgba(128,128,128,0.25)"
"""Lines and surfaces, on a light page as on a dark one."""


class _Rule(NamedTuple):
    """A selector of elements, classes and descent, and what it sets."""

    path: tuple[tuple[str, frozenset[str]], ...]
    is_before: bool
    specificity: tuple[int, int]
    declarations: dict[str, str]


class _Element(NamedTuple):
    name: str
    classes: frozenset[str]


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
        self._open: list[_Element] = []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        """Adds what the rules say about an element."""
        classes = frozenset((dict(attributes).get("class") or "").split())
        self._open.append(_Element(name, classes))
        rules = [rule for rule in _rules() if _matches(rule, self._open)]
        style = _declared(rules, is_before=False)
        written = self.get_starttag_text() or ""
        own = _STYLE.search(written)
        if own:
            style |= _declarations(unescape(own[1]))
            written = written.replace(own[0], "", 1)
        plain = ";".join(f"{key}:{value}" for key, value in style.items() if value)
        self.written.append(f'{written[:-1]} style="{escape(plain)}">' if plain else written)
        self.written.append(_before(_declared(rules, is_before=True)))

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


@cache
def _rules() -> tuple[_Rule, ...]:
    """The rules that can be said of a single element, the weaker ones first."""
    found = [
        rule
        for selectors, body in _blocks(_COMMENT.sub("", style_text()))
        for selector in selectors.split(",")
        if (rule := _rule(selector, _declarations(body))) is not None
    ]
    return tuple(sorted(found, key=lambda rule: rule.specificity))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and what they set; not what stands inside of `@media` and the like."""
    depth = start = opened = 0
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            opened = brace.end() if depth == 0 else opened
            depth += 1
            continue
        depth -= 1
        if depth == 0:
            selectors = text[start : opened - 1].strip()
            start = brace.end()
            if not selectors.startswith("@"):
                yield selectors, text[opened : brace.start()]


def _rule(selector: str, declarations: dict[str, str]) -> _Rule | None:
    parts = [_COMPOUND.fullmatch(part) for part in selector.split()]
    if not parts or not all(parts):
        return None
    path = tuple((part[1] or "", frozenset(filter(None, part[2].split(".")))) for part in parts if part)
    weight = (sum(len(classes) for _, classes in path), sum(bool(name) for name, _ in path))
    return _Rule(path, bool(parts[-1] and parts[-1][3]), weight, declarations)


def _declarations(body: str) -> dict[str, str]:
    """What is set, without the theme: text takes the colour of the page, the rest what stands without a theme."""
    pairs = (line.partition(":")[::2] for line in _DECLARATION.findall(body) if ":" in line)
    declared = {key.strip(): value.strip() for key, value in pairs}
    if "background" not in declared and _FONT_COLOUR.fullmatch(declared.get("color", "")):
        del declared["color"]
    if "paint-order" in declared:
        return declared | _RIMMED
    plain = {key: _without_theme(value) for key, value in declared.items()}
    if "gradient(" in plain.get("background", ""):
        # where gradients are taken away, the colour that they begin with is left
        plain = {"background-color": (_COLOUR.findall(plain["background"]) or [_GREY])[0], **plain}
    return plain


def _without_theme(value: str) -> str:
    value = _SURFACE.sub(_FAINT, _FONT_COLOUR.sub(_GREY, value))
    while found := _VARIABLE.search(value):
        value = value[: found.start()] + (found[1] or "").strip() + value[found.end() :]
    return _MIXED.sub(r"\1", value)


def _matches(rule: _Rule, opened: list[_Element]) -> bool:
    *above, last = rule.path
    if not _is(opened[-1], last):
        return False
    left = len(opened) - 2
    for wanted in reversed(above):
        while left >= 0 and not _is(opened[left], wanted):
            left -= 1
        if left < 0:
            return False
        left -= 1
    return True


def _is(element: _Element, wanted: tuple[str, frozenset[str]]) -> bool:
    name, classes = wanted
    return (not name or name == element.name) and classes <= element.classes


def _declared(rules: list[_Rule], *, is_before: bool) -> dict[str, str]:
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
