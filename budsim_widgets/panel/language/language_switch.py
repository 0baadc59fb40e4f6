"""A panel whose language nobody chose takes that of the browser, once the browser has said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.panel.language.retelling import Retelling
from budsim_widgets.translation import Speaker, catalogue_of, in_language, language_of_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipywidgets import Widget

    from budsim_widgets.panel.frontend import Frontend


class LanguageSwitch:
    """Has everything on screen said in another language; what a person typed or chose stays as it is.

    Args:
        root: The panel, or a view of its own.
        speaker: What it speaks.
        frontend: What hears from the browser.
        show_anew: Shows what is easier made anew than retold, such as a result.
    """

    def __init__(
        self, root: Widget, speaker: Speaker, frontend: Frontend, show_anew: Callable[[], None] = lambda: None
    ) -> None:
        self._texts, self._speaker, self._show_anew = Retelling(root), speaker, show_anew
        if not speaker.is_chosen:
            frontend.take_languages = self.follow

    def follow(self, page: str, preferred: Sequence[str]) -> None:
        """Speaks the language of the browser where there is a translation into it.

        Args:
            page: The language of the page: JupyterLab's setting.
            preferred: The browser's languages, first things first.
        """
        code = language_of_browser(page, preferred)
        before = self._speaker.catalogue
        if code is None or code == before.code:
            return
        self._speaker.catalogue = catalogue_of(code)
        with in_language(self._speaker):
            self._show_anew()
            self._texts.retell(of=before)
