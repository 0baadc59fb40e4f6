"""The language of a page that a browser asks for."""

from __future__ import annotations

import re
from typing import Final

from budsim_widgets.translation import Catalogue, catalogue_of, language_of_browser, speaker_of

_MAX_CHARACTERS: Final = 500
_RANGE: Final = re.compile(
    r"(?P<language>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4})(?:;q=(?P<weight>[01](?:\.[0-9]{0,3})?))?"
)


def page_language(accepted: str, setting: str = "") -> Catalogue:
    """What `BUDSIM_LANGUAGE` names; else JupyterLab's own setting, as in the panel; else what the browser prefers.

    Args:
        accepted: The header `Accept-Language`.
        setting: The language that is chosen in JupyterLab's settings; empty for none.

    Example:
        >>> page_language("fr-FR, zh-CN;q=0.8, en;q=0.5").code, page_language("").code
        ('zh', 'en')
        >>> page_language("en", "zh_CN").code
        'zh'
    """
    speaker = speaker_of(None)
    if speaker.is_chosen:
        return speaker.catalogue
    code = language_of_browser(setting, preferred_languages(accepted))
    return catalogue_of(code) if code else speaker.catalogue


def preferred_languages(accepted: str) -> tuple[str, ...]:
    """The languages of a header `Accept-Language`, the most wanted first; what isn't written as one is left out.

    Example:
        >>> preferred_languages("en;q=0.5, zh-TW, fr;q=0")
        ('zh-TW', 'en')
    """
    parts = accepted[:_MAX_CHARACTERS].replace(" ", "").split(",")
    ranges = [found for part in parts if (found := _RANGE.fullmatch(part))]
    weighed = [(float(found["weight"] or 1), found["language"]) for found in ranges]
    return tuple(language for weight, language in sorted(weighed, key=lambda one: -one[0]) if weight > 0)
