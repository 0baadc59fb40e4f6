"""Sentences for people as HTML: `commands` are set apart, addresses can become links, the rest is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.errors import BudsimError, HubError
from budsim_widgets.rendering.markup import Html, join, link, shorten, tag
from budsim_widgets.translation import tr, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

# An address ends before the punctuation of the sentence that it stands in.
_COMMAND: Final = re.compile(r"`(?P<command>[^`\n]+)`")
_COMMAND_OR_ADDRESS: Final = re.compile(rf"{_COMMAND.pattern}|(?P<address>https?://[\w/:@?&=%.+~#-]*[\w/])", re.ASCII)
_MAX_CHARACTERS: Final = 2_000


def prose(text: str, *, marked: re.Pattern[str] = _COMMAND) -> Html:
    """A sentence as HTML.

    Example:
        >>> prose("Run `hf auth login` <now>.")
        'Run <code>hf auth login</code> &lt;now&gt;.'
    """
    shown, parts, end = shorten(text, _MAX_CHARACTERS), [], 0
    for found in marked.finditer(shown):
        address, command = found.groupdict().get("address"), found["command"]
        parts += [shown[end : found.start()], link(address, address) if address else tag("code", command)]
        end = found.end()
    return join(*parts, shown[end:])


def linked_prose(text: str) -> Html:
    """A sentence of the package's own as HTML, its addresses as links; one that quotes a person gets none."""
    return prose(text, marked=_COMMAND_OR_ADDRESS)


def error_html(error: BudsimError) -> Html:
    """What is wrong, and on the next line what to do about it."""
    return join(paragraph(translated(error.message), "budsim-what"), next_step_html(error))


def translated_error(error: BudsimError) -> str:
    """What is wrong and what to do about it, as plain text."""
    return f"{translated(error.message)} {translated(error.next_step)}".rstrip()


def next_step_html(error: BudsimError) -> Html:
    """What to do, with the page that it is about where the sentence doesn't name it."""
    url = getattr(error, "url", None)
    page = link(url, _page_name(url)) if url and url not in error.next_step else Html()
    if not (error.next_step or page):
        return Html()
    return tag("p", linked_prose(translated(error.next_step)), " " if page else "", page, class_="budsim-next")


def paragraph(text: str, class_: str | None = None) -> Html:
    """A sentence on its own."""
    return tag("p", prose(text), class_=class_)


def bullets(sentences: Iterable[str], class_: str | None = None) -> Html:
    """Sentences as a list; nothing for none."""
    items = [tag("li", prose(sentence)) for sentence in sentences]
    return tag("ul", *items, class_=class_) if items else Html()


def unexpected(error: Exception) -> BudsimError:
    """What a person reads of an error that nobody expected."""
    return BudsimError(
        tr(
            "Something went wrong that should not have: {kind}: {message}",
            kind=type(error).__name__,
            message=shorten(str(error), 300),
        ),
        next_step=tr("Please report it, with the traceback that `raise panel.error` shows in a new cell."),
    )


def as_shown(error: Exception) -> BudsimError:
    """The error itself where it is made for people, else a sentence about it."""
    return error if isinstance(error, BudsimError) else unexpected(error)


def can_be_pasted(error: BaseException | None) -> bool:
    """Whether a pasted config solves it."""
    return isinstance(error, HubError) and error.can_paste


def _page_name(url: str) -> str:
    if "/settings/" in url:
        return tr("Open your access tokens")
    return tr("Search the Hub") if "search" in url else tr("Open the model's page")
