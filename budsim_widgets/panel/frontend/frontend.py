"""The front-end module as a widget: it brings `frontend.js` into the page, and what its buttons hand out."""

from __future__ import annotations

from pathlib import Path

import anywidget
from traitlets import Dict, Unicode

from budsim_widgets.translation import mark, tr

WORDS = (
    mark("The kernel was restarted: run the cell again"),
    mark("Copy as code"),
    mark("Copy as Markdown"),
    mark("Save as image"),
    mark("Copied"),
    mark("Saved"),
)


class Frontend(anywidget.AnyWidget):
    """Keyboard, focus, clipboard, and a word when the kernel is gone, for the panel that it stands in.

    Attributes:
        code: The line of Python that gives the result on screen; without one there is nothing to take away.
        markdown: The result as a Markdown table.
        picture: The result as an SVG document.
        words: What the module itself says, by the English sentence.
        kept: The class of the output that outlives the kernel; it stays empty while the panel is on screen.
    """

    _esm = Path(__file__).parent / "frontend.js"

    code = Unicode("").tag(sync=True)
    markdown = Unicode("").tag(sync=True)
    picture = Unicode("").tag(sync=True)
    kept = Unicode("").tag(sync=True)

    words = Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(words={word: tr(word) for word in WORDS})
        self.add_class("budsim-frontend")
