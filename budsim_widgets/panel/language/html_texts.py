"""Some HTML of the panel's own with other texts: sentence by sentence, the links, names and commands in them kept."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from budsim_widgets.rendering.markup import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOKEN: Final = re.compile(r"<style>[^<]*</style>|<(?:a|strong|code)\b[^<>]*>[^<]*</(?:a|strong|code)>|<[^<>]*>|[^<]+")
_INLINE: Final = re.compile(r"<(?P<name>a|strong|code)\b(?P<attributes>[^<>]*)>(?P<text>[^<]*)</")
_ATTRIBUTE: Final = re.compile(r'(?<= title=")[^"<>]+|(?<= aria-label=")[^"<>]+')
_FIRST_MARK: Final = 0xE000
"""Characters that no text has stand for elements in a sentence."""


def map_html(html: str, say: Callable[[str], str]) -> str:
    """Some HTML with other texts, those that are hovered over or heard included; code and styles stay.

    Args:
        html: As `rendering.markup` makes it.
        say: Gives another text for one; a command in it stands between backticks, as where the HTML was made.

    Example:
        >>> map_html('<p title="a">a <code>b</code> <strong>c</strong></p>', lambda text: text.replace("a", "A"))
        '<p title="A">A <code>b</code> <strong>c</strong></p>'
    """
    return "".join(_said(run, say) for run in _runs(html))


def _runs(html: str) -> Iterator[list[str]]:
    """Texts with the elements in them; every other tag is one of its own."""
    run: list[str] = []
    for token in _TOKEN.findall(html):
        if not token.startswith("<") or _INLINE.match(token):
            run.append(token)
            continue
        yield run
        yield [token]
        run = []
    yield run


def _said(run: list[str], say: Callable[[str], str]) -> str:
    if len(run) == 1 and run[0].startswith("<") and not _INLINE.match(run[0]):
        return _ATTRIBUTE.sub(lambda found: escape(say(unescape(found[0]))), run[0])
    elements: dict[str, str] = {}
    text = "".join(_as_text(token, elements, say) for token in run)
    core = text.strip()
    said = str(escape(text.replace(core, say(core)) if core else text))
    for mark, element in elements.items():
        said = said.replace(escape(mark), element)
    return said


def _as_text(token: str, elements: dict[str, str], say: Callable[[str], str]) -> str:
    """A piece of a sentence as it was before it was HTML; what stands for an element is noted."""
    inline = _INLINE.match(token)
    if inline is None:
        return unescape(token)
    text = unescape(inline["text"])
    if inline["name"] == "code":
        mark, element = f"`{text}`", token
    elif f'href="{inline["text"]}"' in inline["attributes"]:
        mark, element = text, token
    else:
        mark = chr(_FIRST_MARK + len(elements))
        element = token.replace(f">{inline['text']}<", f">{escape(say(text))}<")
    elements[mark] = element
    return mark
