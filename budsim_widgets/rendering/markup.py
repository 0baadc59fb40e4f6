"""HTML that can't be injected into: whatever is not markup made here is escaped, text and attributes alike.

`ipywidgets.HTML` shows its value as it is, scripts included; so every value of the panel is built with `tag`.
"""

from __future__ import annotations

from typing import Final

from budsim_widgets.printable import html_text, shortened
from budsim_widgets.translation import current_language

_LAYOUT: Final = "\n\t"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


NOTHING: Final = Html()


def escape(value: object) -> Html:
    r"""A value as HTML shows it; characters that would change how the rest reads are replaced.

    Example:
        >>> escape("<b>"), escape("a\u202eb")
        ('&lt;b&gt;', 'a\ufffdb')
    """
    if isinstance(value, Html):
        return value
    return Html(html_text(value, keeps=_LAYOUT))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element; children and attributes are escaped, an attribute of None is left out.

    Underscores in the names of attributes stand for hyphens, and one at the end for nothing (`class_`).

    Example:
        >>> tag("p", "1 < 2", class_="note")
        '<p class="note">1 &lt; 2</p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def heading(level: int, *children: object, **attributes: object) -> Html:
    """A heading for screen readers; front ends give `h2` their own looks, and list it among the notebook's own.

    Example:
        >>> heading(2, "Saved configs")
        '<p role="heading" aria-level="2">Saved configs</p>'
    """
    return tag("p", *children, role="heading", aria_level=level, **attributes)


def tr_html(english: str, **values: object) -> Html:
    """A sentence with markup in its places, in the language that is spoken.

    Example:
        >>> tr_html("Two edits of {model}", model=tag("strong", "<org>/m"))
        'Two edits of <strong>&lt;org&gt;/m</strong>'
    """
    sentence = escape(current_language().sentence(english))
    return Html(sentence.format_map({name: escape(value) for name, value in values.items()}))


def join(*parts: object) -> Html:
    """Parts one after the other."""
    return Html("".join(map(escape, parts)))


def link(url: str | None, text: str) -> Html:
    """A link that opens beside the notebook; nothing where the address is none of the web.

    Example:
        >>> link("javascript:alert(1)", "x")
        ''
    """
    if url is None or not url.startswith(("https://", "http://")):
        return Html()
    return tag("a", text, href=url, target="_blank", rel="noopener noreferrer")


def shorten(text: str, limit: int = 100) -> str:
    """A person's text, cut so that it leaves room for the rest, without access tokens.

    Example:
        >>> shorten("abcdef", 4)
        'abc…'
    """
    return shortened(text, limit)
