"""Whoever speaks a language: a panel, whose language may change while it is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.translation.catalogue import Catalogue


class Speaker:
    """A panel, as far as its sentences are concerned.

    Args:
        catalogue: The language that it speaks at first.
        is_chosen: Whether somebody chose this language; another one is followed only where nobody did.

    Attributes:
        catalogue: The language that it speaks now.
    """

    def __init__(self, catalogue: Catalogue, *, is_chosen: bool = True) -> None:
        self.catalogue = catalogue
        self.is_chosen = is_chosen


def language_of_browser(page: str, preferred: Sequence[str]) -> str | None:
    """The language that a person reads the page in, as far as there is a translation; None where there is none.

    English as the language of a page says little, since JupyterLab has it where nobody chose one: then the browser's
    own list decides.

    Args:
        page: The language that the page says it is in, JupyterLab's setting: "zh-CN".
        preferred: What the browser prefers, first things first: `navigator.languages`.

    Example:
        >>> language_of_browser("zh-CN", ["en-US"]), language_of_browser("en", ["zh-TW", "en"])
        ('zh', 'zh')
        >>> language_of_browser("en", ["fr-FR", "en-US", "zh"]), language_of_browser("", ["tlh"])
        ('en', None)
    """
    from budsim_widgets.translation.catalogue import languages  # noqa: PLC0415 - no folder is read before it must be

    known = set(languages())
    codes = [text.replace("_", "-").partition("-")[0].casefold() for text in (page, *preferred)]
    if codes[0] in known - {"en"}:
        return codes[0]
    return next((code for code in codes[1:] if code in known), None)
