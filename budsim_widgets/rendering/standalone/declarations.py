"""What a rule sets, as it can stand in a `style` attribute: for any page first, then with the variables of a theme."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECLARATION: Final = re.compile(r'(?:[^;("]|"[^"]*(?:"|\Z)|\([^)]*(?:\)|\Z))+')
_FONT_COLOUR: Final = re.compile(r"var\(\s*--jp-ui-font-color\d\b[^()]*(?:\([^()]*\)[^()]*)*\)")
_VARIABLE: Final = re.compile(r"var\(\s*--[\w-]+\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_SURFACE: Final = re.compile(r"var\(\s*--jp-(?:border-color[0-2]|layout-color2)\b[^()]*(?:\([^()]*\)[^()]*)*\)")
_MIXED: Final = re.compile(r"color-mix\(in srgb, (#\w+) \d+%, [^()]*\)")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}\b")
_RIMMED: Final = {"fill": "#333", "stroke": "#fff"}
"""Letters with a rim, on bars of any colour and on any page."""
_GREY: Final = "#767676"
"""Legible on white (4.5 : 1) as on a dark page (4.6 : 1): a picture doesn't know what it stands on."""
_FAINT: Final = "rgba(128,128,128,0.25)"
"""Lines and surfaces, on a light page as on a dark one."""


def declarations(body: str) -> dict[str, str]:
    """What a rule or an attribute sets.

    Example:
        >>> declarations("color: red; width:1px")
        {'color': 'red', 'width': '1px'}
    """
    pairs = (line.partition(":")[::2] for line in _DECLARATION.findall(body) if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def style_attribute(declared: Mapping[str, str], *, is_themed: bool = True) -> str:
    """Declarations as one attribute holds them.

    JupyterLab takes whatever names a variable out of HTML that it doesn't trust, and leaves the value before it.

    Args:
        declared: What is set.
        is_themed: Whether each value that a theme has a word in stands behind the one for any page.

    Example:
        >>> style_attribute({"color": "var(--a, #123)", "width": "1px"})
        'color:#123;color:var(--a, #123);width:1px'
    """
    plain = _plain(declared)
    written = [(key, value) for key, value in plain.items() if key not in declared]
    for key, value in declared.items():
        written.append((key, plain.get(key, "")))
        if is_themed and plain.get(key) != value:
            written.append((key, value))
    return ";".join(f"{key}:{value}" for key, value in written if value)


def _plain(declared: Mapping[str, str]) -> dict[str, str]:
    """Without the theme: text takes the colour of the page, the rest what stands without a theme."""
    plain = {key: _without_theme(value) for key, value in declared.items()}
    if "background" not in declared and _FONT_COLOUR.fullmatch(declared.get("color", "")):
        del plain["color"]
    if "paint-order" in declared:
        return plain | _RIMMED
    if "gradient(" in plain.get("background", ""):
        # where gradients are taken away, the colour that they begin with is left
        plain["background-color"] = (_COLOUR.findall(plain["background"]) or [_GREY])[0]
    return plain


def _without_theme(value: str) -> str:
    value = _SURFACE.sub(_FAINT, _FONT_COLOUR.sub(_GREY, value))
    while found := _VARIABLE.search(value):
        value = value[: found.start()] + (found[1] or "").strip() + value[found.end() :]
    return _MIXED.sub(r"\1", value)
