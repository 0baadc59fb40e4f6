"""The buttons that take a result along, and what they hand out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
from traitlets import Dict, Unicode

from budsim_widgets.translation import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = (
    mark("Copy as code"),
    mark("Copy as Markdown"),
    mark("Copy as image"),
    mark("Save as image"),
    mark("Save as notebook"),
    mark("Copied"),
    mark("Saved"),
)


class TakeAway(anywidget.AnyWidget):
    """Copies a result, or saves it as a file.

    Attributes:
        code: The line of Python that gives the result on screen; without one there is nothing to take away.
        markdown: The result as a Markdown table.
        picture: The result as an SVG document.
        give_notebook: Called for the text of a notebook with the same question.
        words: What the buttons say, by the English sentence.
    """

    # the text, not its path: anywidget would watch the file, and hold every widget that was ever made
    _esm = (Path(__file__).parent / "take_away.js").read_text("utf-8")

    code = Unicode("").tag(sync=True)
    markdown = Unicode("").tag(sync=True)
    picture = Unicode("").tag(sync=True)
    words = Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(words={word: tr(word) for word in WORDS})
        self.add_class("budsim-take")
        self.give_notebook: Callable[[], str] = str
        self.on_msg(self._answer)

    def offer(self, code: str, markdown: str, picture: str) -> None:
        """What the buttons hand out from now on."""
        with self.hold_sync():
            self.code, self.markdown, self.picture = code, markdown, picture

    def _answer(self, _: object, content: object, __: object) -> None:
        """What the browser asks for; made only then, since it is larger than all the rest."""
        if content == "notebook":
            self.send({"notebook": self.give_notebook()})
