"""The front-end module as a widget: it brings `frontend.js` into the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
from traitlets import Dict, Unicode

from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = (mark("The kernel was restarted: run the cell again"), mark("Result"))


class Frontend(anywidget.AnyWidget):
    """Keyboard, focus, and a word when the kernel is gone, for the panel that it stands in.

    Attributes:
        take_languages: Called with the language of the page and those that the browser prefers.
        words: What the module itself says, by the English sentence.
        kept: The class of the output that outlives the kernel; it stays empty while the panel is on screen.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "frontend.js").read_text("utf-8")

    kept = Unicode("").tag(sync=True)
    words = Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(words={word: tr(word) for word in WORDS})
        self.add_class("budsim-frontend")
        self.take_languages: Callable[[str, list[str]], None] = lambda _, __: None
        self.on_msg(self._answer)

    def _answer(self, _: object, content: object, __: object) -> None:
        """What the browser says of itself."""
        if isinstance(content, dict) and content.keys() == {"page", "preferred"}:
            self.take_languages(str(content["page"]), [str(one) for one in content["preferred"]])
